//! What was done and what left the house, kept so that nothing can be changed or taken out unseen.
//!
//! [`events::record`] adds an event in the transaction of what it tells about. A [`Sealer`] chains events
//! every second and signs the end of the chain once a day; [`verify`] walks the chain again.
//! [`disclosures`] puts on record what leaves, before it does.

mod chain;
pub mod disclosures;
pub mod events;
mod heads;
mod sealer;
mod verify;

pub use chain::export_line;
pub use heads::{HeadsError, rewrap};
pub use sealer::Sealer;
pub use verify::{Misfit, Verified, verify};
