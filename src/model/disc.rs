//! Disc sets and discs, as the service keeps them. How a disc goes from planned to packed is
//! [`burn_queue::DiscState`]'s.

use burn_queue::{Bearer, Code, DiscState, Image, Medium, PackingCodes, Place};

/// How much is on the discs of a set together. The same as in its manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscCounts {
    /// Studies.
    pub studies: u64,
    /// Series.
    pub series: u64,
    /// Instances.
    pub instances: u64,
}

/// A disc set to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDiscSet {
    /// The release request it is for.
    pub request: String,
    /// The delivery it is for.
    pub delivery: String,
    /// The id of the seal its images are made by, again whenever a disc is burned.
    pub seal: String,
    /// How much is on it.
    pub counts: DiscCounts,
    /// When it should be on its way, in milliseconds.
    pub due_at: i64,
    /// What is to be on each disc, in order.
    pub discs: Vec<NewDisc>,
}

/// A disc to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewDisc {
    /// What goes on it.
    pub image: Image,
    /// What it is burned on.
    pub medium: Medium,
}

/// How far a disc set is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetState {
    /// Its discs are wanted.
    Open,
    /// All of them are in their envelope.
    Packed,
    /// It is not wanted any more.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

impl SetState {
    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Packed => "packed",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// A disc set: everything that goes into one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscSet {
    /// The row's id.
    pub id: String,
    /// The release request it is for.
    pub request: String,
    /// The delivery it is for.
    pub delivery: String,
    /// The number in the codes of its papers and its envelope.
    pub number: u32,
    /// How far it is.
    pub state: SetState,
    /// The id of the seal its images are made by.
    pub seal: String,
    /// How many discs it has.
    pub discs: u32,
    /// How much is on them.
    pub counts: DiscCounts,
    /// When it should be on its way, in milliseconds.
    pub due_at: i64,
    /// When it was planned.
    pub created_at: i64,
}

impl DiscSet {
    /// The code on its letter and its slip.
    #[must_use]
    pub fn paper_code(&self) -> Code {
        Code::new(Bearer::Paper, self.number)
    }

    /// The code on its envelope.
    #[must_use]
    pub fn envelope_code(&self) -> Code {
        Code::new(Bearer::Envelope, self.number)
    }

    /// The codes that are scanned when this disc of it is packed.
    #[must_use]
    pub fn packing_codes(&self, disc: Code) -> PackingCodes {
        PackingCodes { disc, paper: self.paper_code(), envelope: self.envelope_code() }
    }
}

/// A disc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disc {
    /// The row's id.
    pub id: String,
    /// The set it belongs to.
    pub disc_set: String,
    /// Its place in it.
    pub place: Place,
    /// What is printed on it.
    pub code: Code,
    /// What goes on it.
    pub image: Image,
    /// What it is burned on.
    pub medium: Medium,
    /// How far it is.
    pub state: DiscState,
    /// When it was planned.
    pub created_at: i64,
    /// When it came to be so far.
    pub changed_at: i64,
}

/// One station's try at one disc, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurnAttempt {
    /// Counts the leases of the disc, from 1.
    pub number: u32,
    /// Which station.
    pub station: String,
    /// When it took the disc.
    pub leased_at: i64,
    /// When it said that it would touch its drive; none if it never did.
    pub begun_at: Option<i64>,
    /// When it was known how it ended.
    pub ended_at: Option<i64>,
    /// The state the disc ended in: `queued`, `verified`, `spoiled`.
    pub outcome: Option<String>,
}

/// A station, as it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationSeen {
    /// Its name.
    pub name: String,
    /// The blanks it last asked for a disc with.
    pub tray: String,
    /// When.
    pub seen_at: i64,
}

impl Disc {
    /// Whether it was written off.
    #[must_use]
    pub fn is_spoiled(&self) -> bool {
        matches!(self.state, DiscState::Spoiled { .. })
    }
}
