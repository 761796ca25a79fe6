//! Work to be done: what a handler is, and the worker that runs handlers.
//!
//! A job is put by [`put`] in the transaction that makes it necessary. The [`Worker`] leases what it has
//! handlers for and keeps the lease alive while one runs. A handler that writes ends its job in its own
//! transaction ([`finish`]), so that the work and its being done are one; one that does not is ended
//! after it returns.

mod handler;
mod worker;

pub use crate::store::jobs::{finish, put};
pub use handler::{Handler, JobError, Running};
pub use worker::{Bell, Pace, Worker};
