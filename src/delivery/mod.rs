//! Discs on their way: what is promised, and how they travel.

pub mod promise;
