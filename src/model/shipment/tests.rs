use super::*;
use crate::model::audit::Actor;
use crate::model::promise::{Promise, Service};
use jiff::civil::{Date, date};

const MONDAY: Date = date(2026, 11, 23);

fn promise() -> Promise {
    Promise { complete_at: 1, starts_on: MONDAY, due_on: date(2026, 11, 25), reasons: Vec::new() }
}

fn label(attempt: &str) -> Label {
    let (service, tracking_number) = (Service::TwoDay, "794791341818".to_owned());
    let arrives_on = date(2026, 11, 25);
    Label { attempt: attempt.to_owned(), tracking_number, service, ship_on: MONDAY, arrives_on }
}

fn sent() -> Sent {
    Sent { promise: promise(), label: label("a1"), tendered_at: 2, first_attempt_on: None }
}

fn parcels() -> Vec<CarrierState> {
    let reason = || "x".to_owned();
    vec![
        CarrierState::Requested,
        CarrierState::AwaitingPayment,
        CarrierState::ReadyToShip { promise: promise() },
        CarrierState::LabelUnknown { promise: promise(), attempt: "a1".into() },
        CarrierState::Labelled { promise: promise(), label: label("a1") },
        CarrierState::Tendered { sent: sent() },
        CarrierState::InTransit { sent: sent() },
        CarrierState::Exception { sent: sent(), reason: reason() },
        CarrierState::Delivered { sent: sent(), at: 3, received_by: None },
        CarrierState::Returned { sent: sent(), at: 3 },
        CarrierState::Cancelled { reason: reason() },
    ]
}

fn parcel_events() -> Vec<CarrierEvent> {
    let reason = || "x".to_owned();
    vec![
        CarrierEvent::AwaitPayment,
        CarrierEvent::Complete(promise()),
        CarrierEvent::AskLabel { attempt: "a1".into() },
        CarrierEvent::LabelMade(label("a1")),
        CarrierEvent::LabelMade(label("another")),
        CarrierEvent::LabelNotMade { attempt: "a1".into() },
        CarrierEvent::LabelNotMade { attempt: "another".into() },
        CarrierEvent::LabelCancelled,
        CarrierEvent::Tender { at: 2 },
        CarrierEvent::Moved,
        CarrierEvent::Attempted { on: MONDAY, reason: reason() },
        CarrierEvent::Stopped { reason: reason() },
        CarrierEvent::Delivered { at: 3, on: MONDAY, received_by: None },
        CarrierEvent::Returned { at: 3 },
        CarrierEvent::Cancel { reason: reason() },
    ]
}

/// For each state, where each event above leads; `-` where it is refused.
const PARCEL_WAYS: [(&str, [&str; 15]); 11] = [
    (
        "requested",
        [
            "awaiting_payment",
            "ready_to_ship",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "cancelled",
        ],
    ),
    (
        "awaiting_payment",
        ["-", "ready_to_ship", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "cancelled"],
    ),
    (
        "ready_to_ship",
        ["-", "-", "label_unknown", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "cancelled"],
    ),
    (
        "label_unknown",
        ["-", "-", "-", "labelled", "-", "ready_to_ship", "-", "-", "-", "-", "-", "-", "-", "-", "-"],
    ),
    (
        "labelled",
        ["-", "-", "-", "-", "-", "-", "-", "ready_to_ship", "tendered", "-", "-", "-", "-", "-", "-"],
    ),
    ("tendered", UNDER_WAY),
    ("in_transit", UNDER_WAY),
    ("exception", UNDER_WAY),
    ("delivered", OVER),
    ("returned", OVER),
    ("cancelled", OVER),
];
const UNDER_WAY: [&str; 15] = [
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
    "in_transit",
    "exception",
    "exception",
    "delivered",
    "returned",
    "-",
];
const OVER: [&str; 15] = ["-"; 15];

#[test]
fn of_all_pairs_of_a_parcel_s_state_and_an_event_exactly_these_happen() {
    for (state, (word, ways)) in parcels().into_iter().zip(PARCEL_WAYS) {
        assert_eq!(state.as_str(), word);
        for (event, way) in parcel_events().into_iter().zip(ways) {
            let after = state.clone().after(event.clone());
            match after {
                Ok(after) => assert_eq!(after.as_str(), way, "{word}, {event:?}"),
                Err(refused) => assert_eq!((way, refused.state), ("-", word), "{event:?}"),
            }
        }
    }
}

#[test]
fn the_first_attempt_is_remembered_whatever_follows() {
    let attempted = CarrierEvent::Attempted { on: MONDAY, reason: "nobody home".into() };
    let later = date(2026, 11, 27);
    let delivered = CarrierEvent::Delivered { at: 9, on: later, received_by: Some("J".into()) };
    let mut state = CarrierState::Tendered { sent: sent() };
    for event in [CarrierEvent::Moved, attempted, CarrierEvent::Moved, delivered.clone()] {
        state = state.after(event).unwrap();
    }
    assert_eq!(state.sent().unwrap().first_attempt_on, Some(MONDAY));
    let at_once = CarrierState::Tendered { sent: sent() }.after(delivered).unwrap();
    assert_eq!(at_once.sent().unwrap().first_attempt_on, Some(later));
}

#[test]
fn what_is_known_of_a_parcel_grows_with_its_state() {
    let known = parcels().into_iter().map(|state| {
        let word = state.as_str();
        (word, state.promise().is_some(), state.label().is_some(), state.sent().is_some())
    });
    let known: Vec<_> = known.collect();
    assert_eq!(known[2], ("ready_to_ship", true, false, false));
    assert_eq!(known[4], ("labelled", true, true, false));
    assert_eq!(known[5], ("tendered", true, true, true));
    assert_eq!(known[10], ("cancelled", false, false, false));
}

#[test]
fn of_all_pairs_of_a_letter_s_state_and_an_event_exactly_these_happen() {
    let states = [
        MailState::ReadyToShip,
        MailState::Mailed { at: 1 },
        MailState::PresumedDelivered { on: MONDAY },
        MailState::Returned { at: 1 },
        MailState::NeverCame { at: 1 },
        MailState::Cancelled { reason: "x".into() },
    ];
    let events = [
        MailEvent::Mail { at: 1 },
        MailEvent::Presume { on: MONDAY },
        MailEvent::Return { at: 1 },
        MailEvent::NeverCame { at: 1 },
        MailEvent::Cancel { reason: "x".into() },
    ];
    let ways = [
        ["mailed", "-", "-", "-", "cancelled"],
        ["-", "presumed_delivered", "returned", "never_came", "-"],
        ["-", "-", "returned", "never_came", "-"],
        ["-"; 5],
        ["-"; 5],
        ["-"; 5],
    ];
    for (state, ways) in states.into_iter().zip(ways) {
        for (event, way) in events.clone().into_iter().zip(ways) {
            let after = state.clone().after(event.clone());
            assert_eq!(after.as_ref().map_or("-", MailState::as_str), way, "{state:?} {event:?}");
        }
    }
}

#[test]
fn discs_change_hands_once_and_every_state_comes_back_from_its_row() {
    let handover = HandOver {
        to: "Jane Doe".into(),
        id_seen: "driver's license".into(),
        signature: "S-12".into(),
        by: Actor::User { id: "clerk".into() },
        at: 4,
    };
    let over = DeskState::ReadyToShip.hand_over(handover.clone()).unwrap();
    let cancelled = DeskState::ReadyToShip.cancel("not wanted".into()).unwrap();
    for state in [over, cancelled] {
        assert!(state.clone().hand_over(handover.clone()).is_err());
        assert!(state.clone().cancel("x".into()).is_err());
        let row = serde_json::to_value(&state).unwrap();
        assert_eq!(row["state"], state.as_str());
        assert_eq!(serde_json::from_value::<DeskState>(row).unwrap(), state);
    }
    for state in parcels() {
        let row = serde_json::to_value(&state).unwrap();
        assert_eq!(row["state"], state.as_str());
        assert_eq!(serde_json::from_value::<CarrierState>(row).unwrap(), state);
    }
}
