//! The clock of a request: when it is due, and how pressing that is.

use crate::model::request::{ClockReading, Deadlines, Pace, ReceivedBy, ReleaseRequest};
use crate::web::plumbing::show::{Fact, Sign, day, days_off};

/// The clock in words, as a ring and as dates.
pub struct ClockView {
    pub sign: Sign,
    pub words: String,
    /// How much of the time is gone, in percent.
    pub part_gone: i32,
    pub facts: Vec<Fact>,
    pub may_extend: bool,
    pub extend_hint: String,
}

impl ClockView {
    pub fn of(request: &ReleaseRequest, reading: ClockReading, may_extend: bool) -> Self {
        let deadlines = request.deadlines();
        let whole = (deadlines.due_on - request.received.on).get_days().max(1);
        let gone = (whole - reading.days_left).clamp(0, whole);
        let by = match request.received.by {
            ReceivedBy::Mail => "by mail, as postmarked",
            ReceivedBy::Fax => "by fax, as stamped",
            ReceivedBy::Counter => "at the counter",
            ReceivedBy::Phone => "by telephone",
            ReceivedBy::Online => "online",
        };
        let mut facts = vec![
            Fact::new("Received", format!("{}, {by}", day(request.received.on))),
            Fact::new("Our target", day(deadlines.target_on)),
            Fact::new("Due by law", day(deadlines.due_on)),
        ];
        if let Some(extension) = &request.extension {
            facts.push(Fact::new(
                "Extended",
                format!("told {}: {}", day(extension.told_on), extension.reason),
            ));
        }
        let is_open = !request.state.is_closed();
        Self {
            sign: if is_open {
                clock_sign(reading.pace, reading.days_left)
            } else {
                Sign::new("ended", "Closed")
            },
            words: if request.mammography {
                "15 days from the day it was received, because of mammograms. Nothing pauses them.".to_owned()
            } else {
                "30 days from the day it was received. Nothing pauses them.".to_owned()
            },
            part_gone: gone * 100 / whole,
            facts,
            may_extend,
            extend_hint: extend_hint(&deadlines),
        }
    }
}

fn extend_hint(deadlines: &Deadlines) -> String {
    format!("At most 30 days after {}; the letter must go out by then.", day(deadlines.extend_by))
}

fn clock_sign(pace: Pace, days_left: i32) -> Sign {
    let due = format!("Due {}", days_off(days_left));
    match pace {
        Pace::OnTime => Sign::new("good", due),
        Pace::PastTarget => Sign::new("going", format!("{due}, past our target")),
        Pace::DueSoon => Sign::new("warn", due),
        Pace::Overdue => Sign::new("bad", format!("Overdue: was due {}", days_off(days_left))),
    }
}
