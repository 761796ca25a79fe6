//! Discs on their way: made, promised, and sent.
//!
//! [`disc`] has discs burned and packed. [`shipment`] has every step of a shipment, [`label`] buys labels,
//! [`tracking`] follows what left, [`promise`] knows the calendars, [`carrier`] is who takes parcels, and
//! [`board`] is what the desk sees of it all.
//! Discs on their way: what is promised, and how they travel.
//! [`disc`] plans, burns and packs discs, [`shipment`] has every step of a shipment, [`label`] buys labels,
//! [`tracking`] follows what left, [`promise`] knows the calendars, and [`carrier`] is who takes parcels.

pub mod board;


//! Discs on their way: what is promised, and how they travel.
//! [`disc`] plans, burns and packs discs, [`shipment`] has every step of a shipment, [`label`] buys labels,
//! [`tracking`] follows what left, [`promise`] knows the calendars, and [`carrier`] is who takes parcels.
pub mod carrier;
#[cfg(test)]
mod contract;
pub mod disc;
pub mod label;
pub mod promise;
pub mod shipment;
pub mod tracking;
