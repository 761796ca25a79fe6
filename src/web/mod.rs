//! What is served over HTTP. One page or resource per file; no business rule.

pub mod api;
pub mod health;
pub mod patient;
