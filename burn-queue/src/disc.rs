//! The life of one disc, as a state machine.
//!
//! ```text
//! Planned → Queued ⇄ Leased → Burning → Burned → Verified → Labelled → Packed
//!                                └─ lease lapsed ─► Unresolved ─► Verified (read back) · Queued (never burned)
//! any but Burning and Packed ──────────────────────► Spoiled ◄─ destroyed ─ Packed
//! ```
//!
//! A burn uses a disc up and cannot be taken back. So the attempt is on record before the drive is touched
//! ([`Event::Begin`]); one nobody hears of again leaves the disc unresolved; and one that failed writes the
//! disc off: what is burned next is another disc.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One station's try at one disc. The number fences: an older attempt counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Counts the leases of this disc, from 1.
    pub number: u32,
    /// The station that has or had it.
    pub station: String,
}

/// An attempt that is still going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub attempt: Attempt,
    /// Until when, in milliseconds of the queue's clock.
    pub until_ms: i64,
}

/// How far a disc is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscState {
    /// It is known what will be on it, but it is not to be burned yet.
    Planned,
    /// Waits for a station.
    Queued {
        /// How many attempts there were. None of them touched a drive.
        attempts: u32,
    },
    /// A station has it and gets a blank ready. The drive is untouched.
    Leased(Lease),
    /// The drive may be writing: the intent is on record.
    Burning(Lease),
    /// The drive has written; nobody has read it back yet.
    Burned(Lease),
    /// Read back and found to be what it should be.
    Verified(Attempt),
    /// Its label is on it and its letter printed.
    Labelled(Attempt),
    /// In its envelope, by matching codes.
    Packed(Attempt),
    /// Nobody knows whether it was burned.
    Unresolved {
        /// The attempt that was not heard of again.
        attempt: Attempt,
        /// What is known.
        reason: String,
    },
    /// Written off.
    Spoiled {
        /// The attempt that spoiled it; none if a person wrote it off before any.
        attempt: Option<Attempt>,
        /// Why.
        reason: String,
    },
}

/// What may happen to a disc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is to be burned now.
    Queue,
    /// A station takes it.
    Lease {
        /// Which.
        station: String,
        /// Until when, unless renewed.
        until_ms: i64,
    },
    /// The station is still at it.
    Renew {
        /// Whose lease.
        attempt: Attempt,
        /// Until when now.
        until_ms: i64,
    },
    /// The station gives it back; its drive was not touched.
    Release {
        /// Whose lease.
        attempt: Attempt,
    },
    /// The station is about to touch its drive. Said before it does.
    Begin {
        /// Whose lease.
        attempt: Attempt,
        /// Until when, unless renewed.
        until_ms: i64,
    },
    /// The drive has written all of it.
    Burned {
        /// Whose.
        attempt: Attempt,
        /// Until when the read-back should be heard of.
        until_ms: i64,
    },
    /// It was read back and is what it should be.
    Verified {
        /// Whose.
        attempt: Attempt,
    },
    /// It was not written, or not as it should be.
    Failed {
        /// Whose.
        attempt: Attempt,
        /// What went wrong.
        reason: String,
    },
    /// Time has passed.
    Lapse {
        /// It is now.
        now_ms: i64,
    },
    /// A person has put its label on it and printed its letter.
    Label,
    /// A person has put it into its envelope and all codes matched.
    Pack,
    /// A person looked at the drive and the disc: it was never burned.
    NeverBurned,
    /// A person writes it off.
    WriteOff {
        /// Why.
        reason: String,
    },
    /// A person has taken it out of its envelope and destroyed it.
    Destroy {
        /// Why.
        reason: String,
    },
}

/// The disc is not in a state for this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Out of order.
    #[error("a disc that is {state} cannot be {event}")]
    NotNow {
        /// How far it is.
        state: &'static str,
        /// What was asked.
        event: &'static str,
    },
    /// The report belongs to an attempt that is over, or never was.
    #[error("attempt {number} at this disc is over: what it made is not the disc that is wanted")]
    Fenced {
        /// The attempt that came too late.
        number: u32,
    },
    /// There is nothing to lapse, or not yet.
    #[error("no lease on this disc has lapsed")]
    NotLapsed,
}

impl DiscState {
    /// The word for it in rows and messages between programs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Queued { .. } => "queued",
            Self::Leased(_) => "leased",
            Self::Burning(_) => "burning",
            Self::Burned(_) => "burned",
            Self::Verified(_) => "verified",
            Self::Labelled(_) => "labelled",
            Self::Packed(_) => "packed",
            Self::Unresolved { .. } => "unresolved",
            Self::Spoiled { .. } => "spoiled",
        }
    }

    /// The attempt this state comes from.
    #[must_use]
    pub fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Planned | Self::Queued { .. } => None,
            Self::Leased(lease) | Self::Burning(lease) | Self::Burned(lease) => Some(&lease.attempt),
            Self::Verified(attempt)
            | Self::Labelled(attempt)
            | Self::Packed(attempt)
            | Self::Unresolved { attempt, .. } => Some(attempt),
            Self::Spoiled { attempt, .. } => attempt.as_ref(),
        }
    }

    /// When the station must have been heard of.
    #[must_use]
    pub fn lease_until_ms(&self) -> Option<i64> {
        match self {
            Self::Leased(lease) | Self::Burning(lease) | Self::Burned(lease) => Some(lease.until_ms),
            _ => None,
        }
    }

    /// The state after `event`. A report that comes a second time, because its answer was lost, changes nothing.
    ///
    /// # Errors
    /// [`Refused`], if that cannot happen to a disc that is so far.
    ///
    /// ```
    /// use burn_queue::{DiscState, Event};
    ///
    /// let queued = DiscState::Planned.after(Event::Queue)?;
    /// let leased = queued.after(Event::Lease { station: "desk-1".into(), until_ms: 60_000 })?;
    /// let attempt = leased.attempt().unwrap().clone();
    /// let burning = leased.after(Event::Begin { attempt, until_ms: 120_000 })?;
    /// assert!(burning.after(Event::Label).is_err());
    /// let lost = burning.after(Event::Lapse { now_ms: 120_000 })?;
    /// assert_eq!(lost.as_str(), "unresolved");
    /// # Ok::<(), burn_queue::Refused>(())
    /// ```
    pub fn after(&self, event: Event) -> Result<Self, Refused> {
        if let Some(number) = event.attempt().map(|attempt| attempt.number)
            && event.attempt() != self.attempt()
        {
            return Err(Refused::Fenced { number });
        }
        match event {
            Event::Queue | Event::Lease { .. } | Event::Release { .. } | Event::NeverBurned => {
                self.after_queueing(event)
            }
            Event::Renew { .. } | Event::Begin { .. } | Event::Burned { .. } | Event::Lapse { .. } => {
                self.after_burning(event)
            }
            Event::Verified { .. } | Event::Failed { .. } => self.after_reading_back(event),
            Event::Label | Event::Pack | Event::WriteOff { .. } | Event::Destroy { .. } => {
                self.after_handling(event)
            }
        }
    }

    fn after_queueing(&self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Planned, Event::Queue) => Ok(Self::Queued { attempts: 0 }),
            (Self::Queued { attempts }, Event::Lease { station, until_ms }) => {
                let attempt = Attempt { number: attempts.saturating_add(1), station };
                Ok(Self::Leased(Lease { attempt, until_ms }))
            }
            (Self::Leased(lease), Event::Release { .. }) => {
                Ok(Self::Queued { attempts: lease.attempt.number })
            }
            (Self::Unresolved { attempt, .. }, Event::NeverBurned) => {
                Ok(Self::Queued { attempts: attempt.number })
            }
            (_, event) => Err(self.refuse(&event)),
        }
    }

    fn after_burning(&self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Leased(_), Event::Renew { attempt, until_ms }) => {
                Ok(Self::Leased(Lease { attempt, until_ms }))
            }
            (Self::Burning(_), Event::Renew { attempt, until_ms })
            | (Self::Leased(_) | Self::Burning(_), Event::Begin { attempt, until_ms }) => {
                Ok(Self::Burning(Lease { attempt, until_ms }))
            }
            (Self::Burned(_), Event::Renew { attempt, until_ms })
            | (
                Self::Burning(_) | Self::Burned(_) | Self::Unresolved { .. },
                Event::Burned { attempt, until_ms },
            ) => Ok(Self::Burned(Lease { attempt, until_ms })),
            (state, Event::Lapse { now_ms }) => state.after_lapse(now_ms),
            (_, event) => Err(self.refuse(&event)),
        }
    }

    fn after_lapse(&self, now_ms: i64) -> Result<Self, Refused> {
        match self {
            Self::Leased(lease) if lease.until_ms <= now_ms => {
                Ok(Self::Queued { attempts: lease.attempt.number })
            }
            Self::Burning(lease) | Self::Burned(lease) if lease.until_ms <= now_ms => Ok(Self::Unresolved {
                attempt: lease.attempt.clone(),
                reason: match self {
                    Self::Burned(_) => "the station was not heard of again after burning".to_owned(),
                    _ => "the station was not heard of again while burning".to_owned(),
                },
            }),
            _ => Err(Refused::NotLapsed),
        }
    }

    fn after_reading_back(&self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (
                Self::Burning(_) | Self::Burned(_) | Self::Unresolved { .. } | Self::Verified(_),
                Event::Verified { attempt },
            ) => Ok(Self::Verified(attempt)),
            (Self::Labelled(_) | Self::Packed(_), Event::Verified { .. })
            | (Self::Spoiled { .. }, Event::Failed { .. }) => Ok(self.clone()),
            (
                Self::Burning(_) | Self::Burned(_) | Self::Unresolved { .. },
                Event::Failed { attempt, reason },
            ) => Ok(Self::Spoiled { attempt: Some(attempt), reason }),
            (_, event) => Err(self.refuse(&event)),
        }
    }

    fn after_handling(&self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Verified(attempt), Event::Label) => Ok(Self::Labelled(attempt.clone())),
            (Self::Labelled(attempt), Event::Pack) => Ok(Self::Packed(attempt.clone())),
            (Self::Burning(_) | Self::Packed(_) | Self::Spoiled { .. }, event @ Event::WriteOff { .. }) => {
                Err(self.refuse(&event))
            }
            (Self::Packed(attempt), Event::Destroy { reason }) => {
                Ok(Self::Spoiled { attempt: Some(attempt.clone()), reason })
            }
            (_, Event::WriteOff { reason }) => Ok(Self::Spoiled { attempt: self.attempt().cloned(), reason }),
            (_, event) => Err(self.refuse(&event)),
        }
    }

    fn refuse(&self, event: &Event) -> Refused {
        Refused::NotNow { state: self.as_str(), event: event.participle() }
    }
}

/// The word of [`DiscState::as_str`].
impl fmt::Display for DiscState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Event {
    /// The attempt that reports; none if a person or the queue itself acts.
    #[must_use]
    pub fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Renew { attempt, .. }
            | Self::Release { attempt }
            | Self::Begin { attempt, .. }
            | Self::Burned { attempt, .. }
            | Self::Verified { attempt }
            | Self::Failed { attempt, .. } => Some(attempt),
            Self::Queue
            | Self::Lease { .. }
            | Self::Lapse { .. }
            | Self::Label
            | Self::Pack
            | Self::NeverBurned
            | Self::WriteOff { .. }
            | Self::Destroy { .. } => None,
        }
    }

    /// The event in the words of "it cannot be …".
    fn participle(&self) -> &'static str {
        match self {
            Self::Queue => "queued",
            Self::Lease { .. } => "leased",
            Self::Renew { .. } => "held longer",
            Self::Release { .. } => "given back",
            Self::Begin { .. } => "burned",
            Self::Burned { .. } => "reported as burned",
            Self::Verified { .. } => "reported as verified",
            Self::Failed { .. } => "reported as failed",
            Self::Lapse { .. } => "lapsed",
            Self::Label => "labelled",
            Self::Pack => "packed",
            Self::NeverBurned => "taken for never burned",
            Self::WriteOff { .. } => "written off",
            Self::Destroy { .. } => "destroyed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Attempt {
        Attempt { number: 2, station: "desk-1".into() }
    }

    fn lease(until_ms: i64) -> Lease {
        Lease { attempt: attempt(), until_ms }
    }

    fn states() -> Vec<DiscState> {
        let reason = || "silence".to_owned();
        vec![
            DiscState::Planned,
            DiscState::Queued { attempts: 1 },
            DiscState::Leased(lease(100)),
            DiscState::Burning(lease(100)),
            DiscState::Burned(lease(100)),
            DiscState::Verified(attempt()),
            DiscState::Labelled(attempt()),
            DiscState::Packed(attempt()),
            DiscState::Unresolved { attempt: attempt(), reason: reason() },
            DiscState::Spoiled { attempt: Some(attempt()), reason: reason() },
        ]
    }

    fn events(attempt: &Attempt) -> Vec<Event> {
        let attempt = || attempt.clone();
        vec![
            Event::Queue,
            Event::Lease { station: "desk-1".into(), until_ms: 200 },
            Event::Renew { attempt: attempt(), until_ms: 200 },
            Event::Release { attempt: attempt() },
            Event::Begin { attempt: attempt(), until_ms: 200 },
            Event::Burned { attempt: attempt(), until_ms: 200 },
            Event::Verified { attempt: attempt() },
            Event::Failed { attempt: attempt(), reason: "scratched".into() },
            Event::Lapse { now_ms: 100 },
            Event::Label,
            Event::Pack,
            Event::NeverBurned,
            Event::WriteOff { reason: "dropped".into() },
            Event::Destroy { reason: "cancelled".into() },
        ]
    }

    /// A row for each state, a column for each event, in the order above; `.` is a refusal.
    const AFTER: [&str; 10] = [
        "queued . . . . . . . . . . . spoiled .",
        ". leased . . . . . . . . . . spoiled .",
        ". . leased queued burning . . . queued . . . spoiled .",
        ". . burning . burning burned verified spoiled unresolved . . . . .",
        ". . burned . . burned verified spoiled unresolved . . . spoiled .",
        ". . . . . . verified . . labelled . . spoiled .",
        ". . . . . . labelled . . . packed . spoiled .",
        ". . . . . . packed . . . . . . spoiled",
        ". . . . . burned verified spoiled . . . queued spoiled .",
        ". . . . . . . spoiled . . . . . .",
    ];

    #[test]
    fn every_event_in_every_state_leads_where_it_should_or_is_refused() {
        for (state, expected) in states().iter().zip(AFTER) {
            let reached: Vec<&str> = events(&attempt())
                .into_iter()
                .map(|event| state.after(event).map_or(".", |next| next.as_str()))
                .collect();
            assert_eq!(reached.join(" "), expected, "{state}");
        }
    }

    #[test]
    fn an_older_attempt_or_another_station_is_fenced_in_every_state() {
        let older = Attempt { number: 1, ..attempt() };
        let other = Attempt { station: "desk-2".into(), ..attempt() };
        for state in states() {
            for stranger in [&older, &other] {
                for event in events(stranger).into_iter().filter(|event| event.attempt().is_some()) {
                    let refused = state.after(event.clone());
                    assert_eq!(
                        refused,
                        Err(Refused::Fenced { number: stranger.number }),
                        "{state} {event:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_lease_lapses_at_its_time_and_not_before() {
        for state in states().iter().filter(|state| state.lease_until_ms().is_some()) {
            assert_eq!(state.after(Event::Lapse { now_ms: 99 }), Err(Refused::NotLapsed));
            assert!(state.after(Event::Lapse { now_ms: 100 }).is_ok());
        }
    }

    #[test]
    fn every_lease_of_a_disc_has_a_higher_number_than_those_before() {
        let mut state = DiscState::Planned.after(Event::Queue).unwrap();
        for number in 1..5 {
            let leased = state.after(Event::Lease { station: "desk-1".into(), until_ms: 100 }).unwrap();
            assert_eq!(leased.attempt().unwrap().number, number);
            state = leased.after(Event::Lapse { now_ms: 100 }).unwrap();
        }
    }

    #[test]
    fn a_refusal_says_what_the_disc_is_and_what_was_asked() {
        let words = DiscState::Planned.after(Event::Pack).unwrap_err().to_string();
        assert_eq!(words, "a disc that is planned cannot be packed");
    }
}
