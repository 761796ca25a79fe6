//! The composition root: names the concrete adapters, starts and stops the parts.
//!
//! | job | effect | done by |
//! |---|---|---|
//! | `settle_study` | repeatable | [`crate::intake::settle::SettleStudy`], on the node that has the bytes |
//! | `advance_request` | repeatable | [`crate::desk::fulfillment::AdvanceRequest`] |
//! | `freeze_package` | repeatable | [`crate::desk::package::FreezePackage`] |
//! | `hand_over_package` | repeatable | [`crate::desk::package::hand_over::HandOverPackage`] |
//! | `prepare_discs` | repeatable | [`crate::desk::seal::PrepareDiscs`] |
//! | `lapse_disc_leases` | repeatable | [`crate::delivery::disc::LapseLeases`] |
//! | `send_message` | repeatable | [`crate::notify::outbox::SendMessage`] |
//! | `buy_label` | repeatable | [`crate::delivery::label::BuyLabel`] |
//! | `reconcile_label` | repeatable | [`crate::delivery::label::ReconcileLabel`] |
//! | `give_back_label` | repeatable | [`crate::delivery::label::GiveBackLabel`] |
//! | `track_shipment` | repeatable | [`crate::delivery::tracking::TrackShipment`] |
//! | `judge_promise` | repeatable | [`crate::delivery::tracking::JudgePromise`] |
//! | `presume_delivered` | repeatable | [`crate::delivery::tracking::PresumeDelivered`] |
//!
//! | every | what |
//! |---|---|
//! | second | audit events are chained; once a day the head is signed and written outside |
//! | day | jobs done and duplicates dropped more than 30 days ago are forgotten |

pub mod custody;
mod desk;
mod forgetting;
mod library;
pub mod logging;
pub mod mailing;
pub mod node;
pub mod parcels;
mod serve;
mod taking;
mod tls;

pub use desk::Desk;
pub use library::{Library, LibraryError, custody_concerns, export_master_keys, key_file, rotate_master_key};
pub use serve::{Serving, serve};
pub use taking::Taking;

use std::future::Future;

/// Runs the program's async part, with one TLS provider for all of it.
///
/// # Errors
/// If the runtime cannot be started.
pub fn block_on<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    // Fails only if a provider is installed already, which is then this one.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(64)
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}
