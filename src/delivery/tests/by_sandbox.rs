//! Parcels by the sandbox, for whatever has to do with a carrier.

use crate::clock::Clock;
use crate::delivery::carrier::Carrier;
use crate::delivery::carrier::sandbox::{Pace, Sandbox};
use crate::delivery::label::Parcels;
use crate::delivery::shipment::PRESUMED_AFTER_MS;
use crate::model::Actor;
use crate::model::calendar::Calendar;
use crate::model::site::tests::phoenix;
use crate::store::db::Db;
use imaging::chance::OsChance;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Parcels of the site at Phoenix, by a carrier made of the sandbox.
pub(crate) fn parcels(
    db: &Db,
    clock: Arc<dyn Clock>,
    carrier: impl FnOnce(Sandbox) -> Arc<dyn Carrier>,
) -> Parcels {
    let sandbox = Sandbox {
        db: db.clone(),
        clock: Arc::clone(&clock),
        chance: Arc::new(OsChance),
        calendar: Calendar::parse(Calendar::FEDEX).unwrap(),
        pace: Pace::Calendar,
        zone: TimeZone::get("America/Chicago").unwrap(),
    };
    Parcels {
        db: db.clone(),
        carrier: carrier(sandbox),
        sites: Arc::new([("main".to_owned(), phoenix())].into()),
        clock,
        chance: Arc::new(OsChance),
        actor: Actor::program("parcels"),
        presumed_after_ms: PRESUMED_AFTER_MS,
    }
}

/// The same by the sandbox itself.
pub(crate) fn in_sandbox(db: &Db, clock: Arc<dyn Clock>) -> Parcels {
    parcels(db, clock, |sandbox| Arc::new(sandbox))
}
