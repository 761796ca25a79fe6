//! Messages: mail that waits in the outbox, or has left it.

use super::SealedBytes;

/// A message to be put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The row's id.
    pub id: String,
    /// The request it is about.
    pub request: String,
    /// The link grant whose token is in it, if one is.
    pub link_grant: Option<String>,
    /// What it is for, such as `link_ready`.
    pub kind: &'static str,
    /// Where it goes.
    pub recipient: String,
    /// The rendered mail. It may carry a token.
    pub mail: SealedBytes,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The row's id.
    pub id: String,
    /// The request it is about.
    pub request: String,
    /// The link grant whose token is in it, if one is.
    pub link_grant: Option<String>,
    /// What it is for.
    pub kind: String,
    /// Where it goes, or went.
    pub recipient: String,
    /// When it was put.
    pub created_at: i64,
    /// How far it is.
    pub state: MessageState,
}

/// How far a message is. What it says is kept only while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    /// It is to be sent.
    Waiting(SealedBytes),
    /// The mail server took it.
    Sent {
        /// When.
        at: i64,
    },
    /// The mail server will not take it: a person has to find another address or way.
    Refused {
        /// When.
        at: i64,
        /// Why, without the server's own words.
        reason: String,
    },
    /// It was not sent any more: what it announced was taken back.
    Withdrawn {
        /// When.
        at: i64,
    },
}
