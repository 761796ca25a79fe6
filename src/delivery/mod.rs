//! Discs on their way: made, promised, and sent.
//!
//! [`disc`] has discs burned and packed. [`shipment`] has every step of a shipment, [`label`] buys labels,
//! [`tracking`] follows what left, [`promise`] knows the calendars, [`prospect`] asks the carrier before
//! anybody pays, [`carrier`] is who takes parcels, and
//! [`board`] is what the desk sees of it all.

pub mod board;
pub mod carrier;
pub mod disc;
pub mod label;
pub mod promise;
pub mod prospect;
pub mod shipment;
pub mod tracking;

#[cfg(test)]
pub(crate) mod tests;
