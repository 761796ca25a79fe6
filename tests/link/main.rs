//! A link's package: frozen from what was received, sent in parts, taken back, offered from the cloud.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
mod desk;
mod dicomweb;
mod freezing;
mod handing_over;
mod matrix;
mod of_files;
mod pages;
mod sending;
mod sets;
mod visitor;
mod web;
mod written;
