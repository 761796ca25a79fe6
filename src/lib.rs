//! The service.

pub mod intake;
