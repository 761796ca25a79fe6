//! Filmroom: a hospital's film-library desk as one program. `ARCHITECTURE.md` has the map.

pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod desk;
pub mod hex;
pub mod ids;
pub mod intake;
pub mod jobs;
pub mod means;
pub mod model;
pub mod money;
pub mod notify;
pub mod store;
pub mod web;
pub mod words;
