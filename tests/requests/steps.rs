//! Killed at every step of a request by FedEx, the service buys, burns and charges nothing twice; every request comes to
//! its end all the same.
//!
//! A step is an event in the audit: it is there from the moment at which the step is committed.

use crate::common::postgres::empty_schema;
use crate::common::service::Service;
use crate::crashes::{Place, crash};
use crate::station::Station;
use filmroom::app::block_on;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The first of each transaction in which a request by FedEx moves on.
const STEPS: [&str; 27] = [
    "request.submitted",
    "request.identity_verified",
    "request.study_chosen",
    "request.patient_checked",
    "delivery.chosen",
    "charge.quoted",
    "request.approved",
    "package.frozen",
    // With them the parcel is wanted and held for payment.
    "charge.opened",
    "charge.collected",
    "shipment.ready",
    // With it the disc is planned and queued.
    "disc.sealed",
    "disc.leased",
    "disc.burning_begun",
    "disc.burned",
    "disc.verified",
    "disc.labelled",
    "disc.packed",
    "delivery.code_route_confirmed",
    "shipment.label_asked",
    "shipment.labelled",
    "shipment.tendered",
    "charge.earned",
    "shipment.moved",
    "shipment.delivered",
    "delivery.done",
    "request.fulfilled",
];
/// At these the station has the disc.
const AT_THE_STATION: [&str; 4] = ["disc.leased", "disc.burning_begun", "disc.burned", "disc.verified"];
/// Until leases have run out, and whatever was killed is read back and done again.
const COMES_WITHIN: Duration = Duration::from_secs(180);

#[test]
fn killed_at_every_step_nothing_is_bought_burned_or_charged_twice() {
    crash(None, 2, kill_at_every_step);
}

#[test]
fn killed_at_every_step_nothing_is_bought_burned_or_charged_twice_in_postgresql() {
    let Some(url) = empty_schema("filmroom_steps") else { return };
    crash(Some(url), 2, kill_at_every_step);
}

/// Kills the service right after each step of one request or the other, and the station wherever it has a disc; both run
/// when it returns.
fn kill_at_every_step(place: &Place) -> (Service, Station) {
    let (mut service, mut station) = (place.begin_service(), place.begin_station());
    let mut left: Vec<(&str, u32)> = STEPS.iter().map(|step| (*step, 1)).collect();
    // The second disc that comes so far, or the first one's successor.
    left.extend(AT_THE_STATION.iter().map(|step| (*step, 2)));
    while !left.is_empty() {
        let reached = block_on(next_reached(place, &left)).unwrap();
        assert!(reached.is_some(), "these did not come: {left:?}: {}", service.said());
        let (step, time) = reached.unwrap();
        if time == 1 {
            service.kill();
            service = place.begin_service();
        } else {
            drop(station);
            station = place.begin_station();
        }
        left.retain(|one| *one != (step, time));
    }
    (service, station)
}

/// Waits until one of these has happened so often; which.
async fn next_reached<'s>(place: &Place<'_>, left: &[(&'s str, u32)]) -> Option<(&'s str, u32)> {
    let db = place.open().await;
    let happened = "SELECT action, COUNT(*) FROM audit_events GROUP BY action";
    let began = Instant::now();
    while began.elapsed() < COMES_WITHIN {
        let rows = db.fetch_all(happened, []).await.unwrap();
        let times: BTreeMap<String, i64> =
            rows.iter().map(|row| (row.text(0).unwrap(), row.i64(1).unwrap())).collect();
        let reached = |step: &str, time: u32| times.get(step).is_some_and(|times| *times >= time.into());
        if let Some(next) = left.iter().find(|(step, time)| reached(step, *time)) {
            return Some(*next);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    None
}
