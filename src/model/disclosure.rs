//! Disclosures: images leaving, on record before the first byte of them does.

use super::refused::Refused;
use std::ops::Range;

/// A disclosure to be recorded. There is one for each session and thing handed out, however often that
/// session asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDisclosure {
    /// The request it fulfils.
    pub request: String,
    /// The delivery it is part of.
    pub delivery: String,
    /// By what: `package`, `disc_set`, `study`.
    pub what: &'static str,
    /// The id of that.
    pub what_id: String,
    /// The recipient's session, or the shipment: what makes this disclosure another than the last.
    pub session: String,
    /// Who receives it, name and address, as 45 CFR 164.528(b)(2) asks.
    pub recipient: String,
    /// The length of the whole, in bytes.
    pub whole_bytes: u64,
}

/// A disclosure as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The row's id.
    pub id: String,
    /// The request it fulfils.
    pub request: String,
    /// The delivery it is part of.
    pub delivery: String,
    /// By what.
    pub what: String,
    /// The id of that.
    pub what_id: String,
    /// The recipient's session, or the shipment.
    pub session: String,
    /// Who receives it.
    pub recipient: String,
    /// The length of the whole, in bytes.
    pub whole_bytes: u64,
    /// Which bytes of it left.
    pub left: Intervals,
    /// How far it is.
    pub state: DisclosureState,
    /// When it began.
    pub begun_at: i64,
    /// When pictures of it were first looked at.
    pub viewed_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// How far a disclosure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisclosureState {
    /// On record; bytes may be leaving.
    Begun,
    /// All of it left.
    Completed,
    /// Given to someone who carries it on: a carrier, an object store.
    HandedOver,
    /// Not all of it left, and no more will.
    Abandoned,
}

impl DisclosureState {
    const ALL: [Self; 4] = [Self::Begun, Self::Completed, Self::HandedOver, Self::Abandoned];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Completed => "completed",
            Self::HandedOver => "handed_over",
            Self::Abandoned => "abandoned",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// It comes to this end.
    ///
    /// # Errors
    /// [`Refused`] if it has ended otherwise before.
    pub fn end(self, end: DisclosureEnd) -> Result<Self, Refused> {
        let state = match end {
            DisclosureEnd::Completed => Self::Completed,
            DisclosureEnd::HandedOver => Self::HandedOver,
            DisclosureEnd::Abandoned => Self::Abandoned,
        };
        if self == Self::Begun || self == state {
            Ok(state)
        } else {
            Err(Refused { what: "disclosure", state: self.as_str(), event: state.as_str() })
        }
    }
}

/// How a disclosure ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisclosureEnd {
    /// All of it left.
    Completed,
    /// Given to someone who carries it on.
    HandedOver,
    /// Not all of it left, and no more will.
    Abandoned,
}

/// Parts of a whole, in order, with gaps between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Intervals(Vec<(u64, u64)>);

impl Intervals {
    /// Adds a part and joins those that touch.
    pub fn add(&mut self, part: Range<u64>) {
        if part.is_empty() {
            return;
        }
        let (mut start, mut end) = (part.start, part.end);
        self.0.retain(|(from, to)| {
            let apart = *to < start || *from > end;
            if !apart {
                (start, end) = (start.min(*from), end.max(*to));
            }
            apart
        });
        let at = self.0.partition_point(|(from, _)| *from < start);
        self.0.insert(at, (start, end));
    }

    /// How many bytes they are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|(from, to)| to - from).sum()
    }

    /// Whether they are all of a whole of this length.
    #[must_use]
    pub fn cover(&self, whole_bytes: u64) -> bool {
        self.bytes() >= whole_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_disclosure_ends_once_and_the_same_end_twice_is_no_harm() {
        use DisclosureState::{Abandoned, Begun, Completed, HandedOver};
        let ends = [DisclosureEnd::Completed, DisclosureEnd::HandedOver, DisclosureEnd::Abandoned];
        for (state, reached) in [
            (Begun, [Some(Completed), Some(HandedOver), Some(Abandoned)]),
            (Completed, [Some(Completed), None, None]),
            (HandedOver, [None, Some(HandedOver), None]),
            (Abandoned, [None, None, Some(Abandoned)]),
        ] {
            assert_eq!(ends.map(|end| state.end(end).ok()), reached);
            assert_eq!(DisclosureState::parse(state.as_str()), Some(state));
        }
    }

    proptest! {
        #[test]
        fn intervals_hold_exactly_the_bytes_that_were_added(
            parts in prop::collection::vec((0_u64..200, 0_u64..40), 0..40)
        ) {
            let (mut intervals, mut bytes) = (Intervals::default(), BTreeSet::new());
            for (start, length) in parts {
                intervals.add(start..start + length);
                bytes.extend(start..start + length);
            }
            prop_assert_eq!(intervals.bytes(), bytes.len() as u64);
            let held: BTreeSet<u64> = intervals.0.iter().flat_map(|(from, to)| *from..*to).collect();
            prop_assert_eq!(held, bytes);
            prop_assert!(intervals.0.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", intervals);
        }
    }
}
