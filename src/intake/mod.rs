//! What arrives becomes rows and archives.
//!
//! [`receive`] and [`import`] bring instances into the spool, [`indexer`] makes them findable,
//! [`settle`] makes archives of studies, [`adopt`] takes up what an earlier run left in the spool.
//! [`kept`] gives back what is kept, and [`check`] looks whether all of it is still there.

pub mod adopt;
pub mod arrival;
pub mod check;
pub mod import;
pub mod indexer;
pub mod kept;
pub mod receive;
pub mod settle;
pub mod sources;
