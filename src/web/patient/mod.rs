//! What recipients see and get.

pub mod package;
mod ranges;
