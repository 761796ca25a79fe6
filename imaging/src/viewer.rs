//! The viewer for a page of a web service, made from `imaging/viewer` as the disc's page is.
//!
//! An element of the page makes the offer: `data-viewer`, and beside it where the viewer finds what (`Offer` in
//! `imaging/viewer/src/online.ts`). The viewer takes its place once it can show the images it is offered.

/// The script of the page.
pub const SCRIPT: &[u8] = include_bytes!("../viewer/dist/online.js");
/// The style of what the script makes.
pub const STYLE: &[u8] = include_bytes!("../viewer/dist/online.css");
/// The script of its workers, which decode what is compressed. They run WebAssembly: their policy has to let them
/// (`'wasm-unsafe-eval'`).
pub const DECODERS: &[u8] = include_bytes!("../viewer/dist/decoders.js");
