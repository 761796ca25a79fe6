use super::*;
use crate::model::shipment::Label;
use crate::model::site::tests::{at_phoenix, phoenix};
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn fedex() -> Calendar {
    Calendar::parse(Calendar::FEDEX).unwrap()
}

/// Every service, by the calendar.
const EVERYWHERE: [Commit; 3] = [
    Commit { service: Service::TwoDay, arrives_on: None },
    Commit { service: Service::StandardOvernight, arrives_on: None },
    Commit { service: Service::PriorityOvernight, arrives_on: None },
];

fn promised(site: &Site, complete_at: i64) -> Promise {
    promise(site, &fedex(), complete_at, &EVERYWHERE).unwrap()
}

fn words(promise: &Promise) -> Vec<String> {
    promise.reasons.iter().map(ToString::to_string).collect()
}

#[test]
fn an_order_before_thanksgiving_is_due_on_the_friday_after() {
    let promise = promised(&phoenix(), at_phoenix(11, 24, 10));
    assert_eq!((promise.starts_on, promise.due_on), (date(2026, 11, 24), date(2026, 11, 27)));
    assert_eq!(
        words(&promise),
        [
            "it leaves on Tue Nov 24",
            "the carrier moves nothing on Thu Nov 26 (Thanksgiving Day)",
            "FedEx 2Day is there on Fri Nov 27"
        ]
    );
}

#[test]
fn an_order_after_the_cut_off_before_christmas_is_due_on_the_tuesday_after() {
    let promise = promised(&phoenix(), at_phoenix(12, 23, 16));
    assert_eq!((promise.starts_on, promise.due_on), (date(2026, 12, 24), date(2026, 12, 29)));
    assert_eq!(
        words(&promise),
        [
            "the order was complete after 14:00, too late for that day",
            "the carrier moves nothing on Fri Dec 25 (Christmas Day)",
            "the weekend of Sat Dec 26 does not count",
            "FedEx 2Day is there on Tue Dec 29"
        ]
    );
}

#[test]
fn whether_the_friday_before_the_fourth_of_july_counts_is_the_site_s_to_say() {
    let thursday = at_phoenix(7, 2, 10);
    assert_eq!(promised(&phoenix(), thursday).due_on, date(2026, 7, 7));
    let open_on_friday = Site { calendar: fedex(), ..phoenix() };
    assert_eq!(promised(&open_on_friday, thursday).due_on, date(2026, 7, 6));
}

#[test]
fn an_order_of_a_weekend_counts_from_monday_and_the_reason_says_so() {
    let promise = promised(&phoenix(), at_phoenix(11, 21, 10));
    assert_eq!((promise.starts_on, promise.due_on), (date(2026, 11, 23), date(2026, 11, 25)));
    assert_eq!(words(&promise)[0], "the weekend of Sat Nov 21 does not count");
    let sunday = promised(&phoenix(), at_phoenix(11, 22, 10));
    assert_eq!(words(&sunday)[0], "the weekend of Sun Nov 22 does not count");
}

#[test]
fn the_cut_off_is_the_site_s_hour_and_not_ours() {
    // 13:59 at Phoenix is 15:59 at Rochester, Minnesota.
    let at = at_phoenix(11, 23, 14) - 60_000;
    assert_eq!(promised(&phoenix(), at).starts_on, date(2026, 11, 23));
    assert_eq!(promised(&phoenix(), at + 60_000).starts_on, date(2026, 11, 24));
    let rochester = Site { zone: TimeZone::get("America/Chicago").unwrap(), ..phoenix() };
    assert_eq!(promised(&rochester, at).starts_on, date(2026, 11, 24));
}

#[test]
fn the_service_is_the_cheapest_that_is_there_in_time() {
    let chosen = |ship_on, commits: &[Commit]| {
        let choice = choose(&fedex(), ship_on, date(2026, 11, 25), commits).unwrap();
        (choice.service, choice.arrives_on.day())
    };
    assert_eq!(chosen(date(2026, 11, 23), &EVERYWHERE), (Service::TwoDay, 25));
    assert_eq!(chosen(date(2026, 11, 24), &EVERYWHERE), (Service::StandardOvernight, 25));
    assert_eq!(chosen(date(2026, 11, 25), &EVERYWHERE), (Service::StandardOvernight, 27));
    let says = |service, day| Commit { service, arrives_on: Some(date(2026, 11, day)) };
    let rural = [
        says(Service::TwoDay, 27),
        says(Service::StandardOvernight, 27),
        says(Service::PriorityOvernight, 25),
    ];
    assert_eq!(chosen(date(2026, 11, 23), &rural), (Service::PriorityOvernight, 25));
    assert_eq!(choose(&fedex(), date(2026, 11, 23), date(2026, 11, 25), &[]), None);
}

#[test]
fn where_nothing_is_fast_enough_the_honest_date_is_promised() {
    let alaska = [
        Commit { service: Service::TwoDay, arrives_on: Some(date(2026, 11, 30)) },
        Commit { service: Service::PriorityOvernight, arrives_on: Some(date(2026, 11, 27)) },
    ];
    let promise = promise(&phoenix(), &fedex(), at_phoenix(11, 23, 10), &alaska).unwrap();
    assert_eq!(promise.due_on, date(2026, 11, 27));
    assert_eq!(words(&promise).last().unwrap(), "no service to that address is there before Fri Nov 27");
    assert_eq!(super::promise(&phoenix(), &fedex(), 0, &[]), None);
}

fn sent(tendered_day: i8, first_attempt_day: Option<i8>) -> Sent {
    let promise = promised(&phoenix(), at_phoenix(11, 23, 10));
    let label = Label {
        attempt: "a1".into(),
        tracking_number: "794791341818".into(),
        service: Service::TwoDay,
        ship_on: date(2026, 11, 23),
        arrives_on: date(2026, 11, 25),
    };
    let first_attempt_on = first_attempt_day.map(|day| date(2026, 11, day));
    Sent { promise, label, tendered_at: at_phoenix(11, tendered_day, 15), first_attempt_on }
}

#[test]
fn a_miss_is_the_desk_s_the_carrier_s_or_the_recipient_s() {
    let judged = |sent: Option<Sent>, recipient, today| {
        let promise = promised(&phoenix(), at_phoenix(11, 23, 10));
        judge(&phoenix(), &fedex(), &promise, sent.as_ref(), recipient, date(2026, 11, today))
    };
    let kept = Some(PromiseOutcome::Kept);
    assert_eq!(judged(Some(sent(23, None)), false, 25), None, "the day is not over");
    assert_eq!(judged(Some(sent(23, Some(25))), true, 25), kept, "an attempt in time keeps it");
    assert_eq!(judged(Some(sent(24, Some(25))), false, 25), kept, "late, and in time all the same");
    assert_eq!(judged(None, false, 25), None);
    assert_eq!(judged(None, false, 26), Some(PromiseOutcome::Desk), "it never left");
    assert_eq!(judged(Some(sent(24, Some(27))), false, 27), Some(PromiseOutcome::Desk), "it left a day late");
    assert_eq!(judged(Some(sent(23, Some(27))), false, 27), Some(PromiseOutcome::Carrier));
    assert_eq!(
        judged(Some(sent(23, None)), false, 26),
        Some(PromiseOutcome::Carrier),
        "no need to wait for it"
    );
    assert_eq!(judged(Some(sent(23, None)), true, 26), Some(PromiseOutcome::Recipient));
}

proptest! {
    #[test]
    fn whenever_an_order_is_complete_its_days_are_business_days_and_a_service_keeps_them(
        hours in 0_i64..(2 * 365 * 24),
    ) {
        let at = at_phoenix(1, 1, 0) + hours * 3_600_000;
        let (site, carrier) = (phoenix(), fedex());
        let promise = promised(&site, at);
        let open = |day| site.calendar.is_open(day) && carrier.is_open(day);
        prop_assert!(open(promise.starts_on) && open(promise.due_on));
        prop_assert!(site.today(at) <= promise.starts_on && promise.starts_on < promise.due_on);
        let choice = choose(&carrier, promise.starts_on, promise.due_on, &EVERYWHERE).unwrap();
        prop_assert!(choice.arrives_on <= promise.due_on);
        prop_assert_eq!(choice.service, Service::TwoDay);
    }
}
