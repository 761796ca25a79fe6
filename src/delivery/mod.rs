//! How what was released gets to the recipient on a disc.

pub mod disc;


//! Discs on their way: what is promised, and how they travel.
//!
//! [`shipment`] has every step of a shipment, [`label`] buys labels, [`tracking`] follows what left, [`promise`]
//! knows the calendars, and [`carrier`] is who takes parcels.
pub mod carrier;
pub mod label;
pub mod promise;
pub mod shipment;
pub mod tracking;
#[cfg(test)]
mod contract;
