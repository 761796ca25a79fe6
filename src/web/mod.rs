//! What is served over HTTP. One page or resource per file; no business rule.

pub mod health;
pub mod plumbing;
pub mod staff;
