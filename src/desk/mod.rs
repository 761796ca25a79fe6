//! Who may have what, and how far it is.

pub mod link;
