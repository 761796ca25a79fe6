//! Who may have what, and how far it is.
//!
//! Every function here that changes something takes the transaction it works in and an [`Acting`]: who does
//! it, when, and on what day there. It asks [`authorization`] first, then the model whether the change is
//! possible, and writes the change, its audit event and the job it makes necessary together.

mod acting;
pub mod authorization;
pub mod billing;
pub mod discs;
mod error;
pub mod fulfillment;
pub mod link;
pub mod overview;
pub mod package;
pub mod parcel_outlook;
pub mod people;
pub mod pictures;
pub mod progress;
pub mod request;
pub mod seal;
pub mod shipping;
pub mod stopped;

pub use acting::{Acting, Means, SignedIn, Who};
pub use error::DeskError;
