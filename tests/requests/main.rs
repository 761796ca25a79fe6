//! Whole requests through the real program: carried to their end, and killed on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod books;
mod carried;
#[path = "../common/mod.rs"]
mod common;
mod crashes;
mod desk;
mod http;
mod life;
mod opened;
mod secrets;
mod station;
mod steps;
mod storms;
