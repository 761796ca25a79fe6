//! What a burn operator looks at: what waits, what is in the drives, what is to be done by hand.

use crate::model::disc::{Disc, DiscSet, SetState, StationSeen};
use crate::store::db::Db;
use crate::store::{StoreError, discs};
use burn_queue::{Code, DiscState, Medium, Place};
use serde::Serialize;
use utoipa::ToSchema;

/// How many discs a board shows of each kind.
const SHOWN: u32 = 200;

/// A disc on the board. Nothing here says whose images are on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardDisc {
    /// Its code.
    #[schema(value_type = String)]
    pub code: Code,
    /// Which disc, of how many.
    #[schema(value_type = [u32; 2])]
    pub place: Place,
    /// What it is burned on.
    #[schema(value_type = String)]
    pub medium: Medium,
    /// When it should be on its way, in milliseconds.
    pub due_at: i64,
    /// The code of its letter.
    #[schema(value_type = String)]
    pub paper: Code,
    /// The code of its envelope.
    #[schema(value_type = String)]
    pub envelope: Code,
    /// The station that has or had it.
    pub station: Option<String>,
    /// What is known, if it is unresolved; what was wrong, if it is spoiled.
    pub reason: Option<String>,
    /// Whether it is wanted still. If not it is written off and destroyed.
    pub wanted: bool,
    /// Since when it is so far.
    pub since: i64,
}

/// The board. What is due first comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiscBoard)]
pub struct Board {
    /// Waiting for a station; the first is next.
    pub queued: Vec<BoardDisc>,
    /// At a station: leased, being burned or read back.
    pub at_stations: Vec<BoardDisc>,
    /// Verified: print its label and its letter.
    pub to_label: Vec<BoardDisc>,
    /// Labelled: into its envelope.
    pub to_pack: Vec<BoardDisc>,
    /// Nobody knows whether they were burned.
    pub unresolved: Vec<BoardDisc>,
    /// Spoiled, with something on them: to be destroyed.
    pub to_destroy: Vec<BoardDisc>,
    /// The stations, as they were last heard of.
    #[serde(skip)]
    pub stations: Vec<StationSeen>,
}

/// The board as it is now.
///
/// # Errors
/// If the database fails.
pub async fn board(db: &Db) -> Result<Board, StoreError> {
    Ok(Board {
        queued: shown(discs::queued(db, SHOWN).await?),
        at_stations: among(db, &["leased", "burning", "burned"]).await?,
        to_label: among(db, &["verified"]).await?,
        to_pack: among(db, &["labelled"]).await?,
        unresolved: among(db, &["unresolved"]).await?,
        to_destroy: shown(discs::to_destroy(db, SHOWN).await?),
        stations: discs::stations(db).await?,
    })
}

async fn among(db: &Db, states: &[&str]) -> Result<Vec<BoardDisc>, StoreError> {
    Ok(shown(discs::in_states(db, states, SHOWN).await?))
}

fn shown(found: Vec<(Disc, DiscSet)>) -> Vec<BoardDisc> {
    found.into_iter().map(|(disc, set)| on_board(disc, &set)).collect()
}

fn on_board(disc: Disc, set: &DiscSet) -> BoardDisc {
    BoardDisc {
        code: disc.code,
        place: disc.place,
        medium: disc.medium,
        due_at: set.due_at,
        paper: set.paper_code(),
        envelope: set.envelope_code(),
        station: disc.state.attempt().map(|attempt| attempt.station.clone()),
        wanted: set.state == SetState::Open,
        since: disc.changed_at,
        reason: match disc.state {
            DiscState::Unresolved { reason, .. } | DiscState::Spoiled { reason, .. } => Some(reason),
            _ => None,
        },
    }
}
