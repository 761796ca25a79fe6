//! What programs call.

pub mod image;
pub mod station;
