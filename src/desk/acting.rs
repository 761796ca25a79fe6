//! Who does something, and when.

use super::authorization::{self, Action, NotPermitted};
use crate::model::{Actor, User};
use imaging::chance::Chance;
use jiff::civil::Date;

/// A user who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// How.
    pub by: Means,
}

/// How a user was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// By password: the session's id.
    Session(String),
    /// By a token for programs: its id.
    Token(String),
    /// At the command line of the machine.
    CommandLine,
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A user.
    Staff(SignedIn),
    /// Whoever entered by a link: the link grant's id. Whether it is their own request is for the link to
    /// say.
    Recipient(String),
    /// Whoever looks after the machine, at its command line: the name they gave.
    Operator(String),
    /// Anyone, on a page that asks for no sign-in.
    Anyone,
    /// A part of the program: a job's kind.
    Program(&'static str),
}

impl Who {
    /// Who it is for the audit.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Staff(signed_in) => Actor::User { id: signed_in.user.id.clone() },
            Self::Recipient(grant) => Actor::Recipient { grant: grant.clone() },
            Self::Operator(name) => Actor::Operator { name: name.clone() },
            Self::Anyone => Actor::Anyone,
            Self::Program(part) => Actor::program(part),
        }
    }
}

/// Who does something, when, and with what chance.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    /// Who.
    pub who: &'a Who,
    /// When.
    pub now_ms: i64,
    /// The day it is at the site.
    pub today: Date,
    /// For ids.
    pub chance: &'a dyn Chance,
}

impl<'a> Acting<'a> {
    /// Requires that whoever acts may do this.
    ///
    /// # Errors
    /// [`NotPermitted`] if they may not.
    pub fn permit(&self, action: Action) -> Result<(), NotPermitted> {
        if authorization::may(self.who, action) { Ok(()) } else { Err(NotPermitted { action }) }
    }

    /// Requires that a user acts and may do this; which one.
    ///
    /// # Errors
    /// [`NotPermitted`] if it is no user, or one who may not.
    pub fn permit_user(&self, action: Action) -> Result<&'a User, NotPermitted> {
        self.permit(action)?;
        match self.who {
            Who::Staff(signed_in) => Ok(&signed_in.user),
            _ => Err(NotPermitted { action }),
        }
    }
}
