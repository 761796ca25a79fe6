//! DICOM messages over the network (PS3.7, PS3.8): Verification and Storage, as provider and as user.
//!
//! [`scp`] listens, negotiates ([`negotiate`]) and hands each C-STORE to a [`scp::Session`] as a plain
//! `Read`, which takes the data set straight from the socket: memory does not grow with it. [`status`]
//! is the one place where outcomes become the standard's status codes. [`scu`] sends.

mod association;
mod message;
pub mod negotiate;
pub mod scp;
pub mod scu;
pub mod status;
mod transport;
mod upper;
