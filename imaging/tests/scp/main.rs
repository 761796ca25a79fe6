//! The provider over real sockets, with peers made by hand: odd ones, slow ones, hostile ones.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod associations;
mod chance;
mod messages;
mod patience;
mod peer;
mod provider;
mod stopping;
mod tls;
mod violations;
