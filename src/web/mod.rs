//! What is served over HTTP. One page or resource per file; no business rule.

pub mod api;
pub mod billing;
pub mod health;
pub mod patient;
pub mod plumbing;
pub mod staff;

#[cfg(test)]
mod tests;
