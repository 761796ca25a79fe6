//! What arrives: the films of the hospital, however they come.

pub mod sources;
