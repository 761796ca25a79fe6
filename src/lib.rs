//! The service.

pub mod intake;
pub mod store;
