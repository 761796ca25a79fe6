//! Mail and what takes it: files in a folder, or a mail server.

mod files;
mod smtp;
#[cfg(test)]
mod tests;

pub use files::FileMailer;
pub use smtp::{Privacy, SmtpMailer, SmtpSettings};

use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::pin::Pin;
use std::time::{Duration, UNIX_EPOCH};

/// A mail as it was rendered. The subject names nobody: it is seen on locked screens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address it goes to.
    pub to: String,
    /// The language it is in (BCP 47).
    pub language: String,
    /// The subject.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
}

/// Why a mail was not taken. Never the server's own words, which may name the recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may be taken later.
    #[error("{0}")]
    NotNow(String),
    /// It will not be taken as it is.
    #[error("{0}")]
    Refused(String),
}

/// The future of mail being sent.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Takes mail. Taking one again is harmless: it bears the same Message-ID, made from `id`.
pub trait Mailer: Send + Sync {
    /// Sends a mail, dated `now_ms`.
    fn send<'a>(&'a self, id: &'a str, mail: &'a Mail, now_ms: i64) -> Sending<'a>;
}

/// Whom mail is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// A text is no sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mail.from is a name and an address: Film library <film-library@example.org>")]
pub struct NoSender;

impl std::str::FromStr for Sender {
    type Err = NoSender;

    fn from_str(text: &str) -> Result<Self, NoSender> {
        text.parse().map(Self).map_err(|_| NoSender)
    }
}

impl Sender {
    /// The mail as it goes over the wire (RFC 5322).
    fn compose(&self, id: &str, mail: &Mail, now_ms: i64) -> Result<Message, MailError> {
        let refused = |why: &dyn Error| MailError::Refused(format!("the mail cannot be composed: {why}"));
        let no_address = |_| MailError::Refused("this is no e-mail address".to_owned());
        let date = UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or_default());
        let domain = self.0.email.domain();
        Message::builder()
            .from(self.0.clone())
            .to(mail.to.parse::<Mailbox>().map_err(no_address)?)
            .subject(mail.subject.as_str())
            .date(date)
            .message_id(Some(format!("<{id}@{domain}>")))
            .header(AutoSubmitted)
            .header(ContentLanguage(mail.language.clone()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()))
            .map_err(|error| refused(&error))
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834): nobody's absence notice should answer.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// `Content-Language` (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(String);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}
