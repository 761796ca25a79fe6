//! Reading data sets and files, by hand-made bytes and by chance.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod files;
mod identity;
mod walking;
mod writer;
