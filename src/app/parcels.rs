//! Who takes parcels, and the jobs about them.

use super::Library;
use crate::config::CarrierKind;
use crate::delivery::carrier::Carrier;
use crate::delivery::carrier::sandbox::{Pace, Sandbox};
use crate::delivery::label::{BuyLabel, GiveBackLabel, Parcels, ReconcileLabel};
use crate::delivery::shipment::PRESUMED_AFTER_MS;
use crate::delivery::tracking::{JudgePromise, PresumeDelivered, TrackShipment};
use crate::jobs::Handler;
use crate::model::Actor;
use crate::model::calendar::Calendar;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What jobs about parcels work with.
///
/// # Errors
/// If a site or the carrier cannot be set up as configured.
pub fn parcels(library: &Library) -> anyhow::Result<Parcels> {
    let carrier: Arc<dyn Carrier> = match library.config.carrier.kind {
        CarrierKind::Sandbox => Arc::new(sandbox(library)?),
    };
    Ok(Parcels {
        db: library.db.clone(),
        carrier,
        sites: Arc::new(library.config.site.resolve()?),
        clock: Arc::clone(&library.clock),
        chance: Arc::clone(&library.chance),
        actor: Actor::program("parcels"),
        presumed_after_ms: match library.config.carrier.sandbox_mail_ms {
            0 => PRESUMED_AFTER_MS,
            mail_ms => mail_ms.into(),
        },
    })
}

fn sandbox(library: &Library) -> anyhow::Result<Sandbox> {
    let pace = match library.config.carrier.sandbox_step_ms {
        0 => Pace::Calendar,
        step_ms => Pace::Lapse { step_ms: step_ms.into() },
    };
    Ok(Sandbox {
        db: library.db.clone(),
        clock: Arc::clone(&library.clock),
        chance: Arc::clone(&library.chance),
        calendar: Calendar::parse(Calendar::FEDEX)?,
        pace,
        zone: TimeZone::get("America/Chicago")?,
    })
}

/// The handlers of jobs about parcels and letters.
#[must_use]
pub fn handlers(parcels: &Parcels) -> Vec<Arc<dyn Handler>> {
    vec![
        Arc::new(BuyLabel(parcels.clone())),
        Arc::new(ReconcileLabel(parcels.clone())),
        Arc::new(GiveBackLabel(parcels.clone())),
        Arc::new(TrackShipment(parcels.clone())),
        Arc::new(JudgePromise(parcels.clone())),
        Arc::new(PresumeDelivered(parcels.clone())),
    ]
}
