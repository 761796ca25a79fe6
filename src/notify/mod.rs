//! What people are told, and in which words.

pub mod catalogs;
pub mod mailer;
pub mod messages;
pub mod outbox;
