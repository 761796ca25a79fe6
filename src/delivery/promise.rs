//! "Within two business days": from which day they count, which service keeps them, and who is to answer for a
//! miss.
//!
//! A business day is one on which both the site and the carrier work. The days count from a complete order:
//! from the same day if it was complete before the site's cut-off, else from the next business day.

use crate::model::calendar::{Calendar, business_days_after, next_open};
use crate::model::promise::Reason;
use crate::model::shipment::Sent;
use crate::model::{Promise, PromiseOutcome, Service, Site};
use jiff::civil::{Date, Weekday};

/// How many business days are promised.
const DAYS: u8 = 2;

/// When the carrier says a service is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// Which service.
    pub service: Service,
    /// The day; nothing: it does not say, and the calendar counts.
    pub arrives_on: Option<Date>,
}

/// A service that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub service: Service,
    /// The day a parcel leaves.
    pub ship_on: Date,
    /// The day it is there.
    pub arrives_on: Date,
}

/// The day on which what is ready at a moment leaves, and why not sooner.
#[must_use]
pub fn leaves_on(site: &Site, carrier: &Calendar, ready_at: i64) -> (Date, Vec<Reason>) {
    let calendars = [&site.calendar, carrier];
    let local = site.local(ready_at);
    let today = local.date();
    let open = calendars.iter().all(|calendar| calendar.is_open(today));
    if open && local.time() < site.cut_off {
        return (today, vec![Reason::LeavesSameDay { on: today }]);
    }
    let mut reasons = Vec::new();
    if open {
        reasons.push(Reason::AfterCutOff { cut_off: site.cut_off });
    }
    let leaves = next_open(today, &calendars);
    let from = if open { today.tomorrow().unwrap_or(today) } else { today };
    reasons.extend(closed_days(site, carrier, from, leaves));
    (leaves, reasons)
}

/// What is promised of an order that was complete at a moment, to an address for which the carrier says
/// `commits` of a parcel that leaves on [`leaves_on`]. Nothing if the carrier does not go there.
#[must_use]
pub fn promise(site: &Site, carrier: &Calendar, complete_at: i64, commits: &[Commit]) -> Option<Promise> {
    let (starts_on, mut reasons) = leaves_on(site, carrier, complete_at);
    let two_days = business_days_after(starts_on, DAYS, &[&site.calendar, carrier]);
    let choice = choose(carrier, starts_on, two_days, commits)?;
    let due_on = if choice.arrives_on <= two_days {
        reasons.extend(closed_days(site, carrier, starts_on, two_days));
        reasons.push(Reason::CarrierSays { service: choice.service, on: choice.arrives_on });
        two_days
    } else {
        reasons.push(Reason::NoneIsFasterThan { on: choice.arrives_on });
        choice.arrives_on
    };
    Some(Promise { complete_at, starts_on, due_on, reasons })
}

/// The cheapest service that is there by `due_on` when the parcel leaves on `ship_on`; if none is, the one that
/// is there first. Nothing if the carrier offers none.
#[must_use]
pub fn choose(carrier: &Calendar, ship_on: Date, due_on: Date, commits: &[Commit]) -> Option<Choice> {
    let mut choices: Vec<Choice> = commits
        .iter()
        .map(|commit| {
            let counted = || business_days_after(ship_on, commit.service.business_days(), &[carrier]);
            let arrives_on = commit.arrives_on.unwrap_or_else(counted);
            Choice { service: commit.service, ship_on, arrives_on }
        })
        .collect();
    choices.sort_by_key(|choice| choice.service);
    let in_time = choices.iter().find(|choice| choice.arrives_on <= due_on);
    in_time.or_else(|| choices.iter().min_by_key(|choice| choice.arrives_on)).copied()
}

/// Whether a promise was kept, as far as that can be said `today`. Of a parcel that has not left, `sent` is
/// nothing. `stopped_by_recipient`: the carrier named a reason that lies with the recipient.
#[must_use]
pub fn judge(
    site: &Site,
    carrier: &Calendar,
    promise: &Promise,
    sent: Option<&Sent>,
    stopped_by_recipient: bool,
    today: Date,
) -> Option<PromiseOutcome> {
    let attempt = sent.and_then(|sent| sent.first_attempt_on);
    if attempt.is_some_and(|on| on <= promise.due_on) {
        return Some(PromiseOutcome::Kept);
    }
    if attempt.is_none() && today <= promise.due_on {
        return None;
    }
    let Some(sent) = sent else { return Some(PromiseOutcome::Desk) };
    let late = business_days_between(sent.label.ship_on, site.today(sent.tendered_at), carrier);
    let expected = business_days_after(sent.label.arrives_on, late, &[carrier]);
    Some(if expected > promise.due_on {
        PromiseOutcome::Desk
    } else if stopped_by_recipient {
        PromiseOutcome::Recipient
    } else {
        PromiseOutcome::Carrier
    })
}

/// How many of the carrier's business days lie after `from` up to `to`.
fn business_days_between(from: Date, to: Date, carrier: &Calendar) -> u8 {
    let mut days = 0;
    let mut day = from;
    while day < to && days < u8::MAX {
        day = next_open(day, &[carrier]);
        days += u8::from(day <= to);
    }
    days
}

/// Why the days from `from` to just before `to` do not all count.
fn closed_days(site: &Site, carrier: &Calendar, from: Date, to: Date) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut day = from;
    while day < to {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let begins = day == from || day.weekday() == Weekday::Saturday;
        if weekend && begins {
            reasons.push(Reason::Weekend { on: day });
        }
        if !weekend {
            if let Some(holiday) = carrier.closed_for(day) {
                reasons.push(Reason::CarrierClosed { on: day, holiday: holiday.name.clone() });
            } else if let Some(holiday) = site.calendar.closed_for(day) {
                reasons.push(Reason::SiteClosed { on: day, holiday: holiday.name.clone() });
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    reasons
}

#[cfg(test)]
mod tests;
