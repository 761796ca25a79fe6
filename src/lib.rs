//! The service.

pub mod clock;
pub mod ids;
pub mod jobs;
pub mod model;
pub mod store;
