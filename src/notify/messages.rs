//! What mail says: one type for each mail. None names a patient, an examination or a number of theirs; the
//! reference of a request may be shown.
//!
//! An address of a page stands on a line of its own, outside the translated words, so that nothing a language
//! puts around it gets into it. Where nobody has reviewed a language's words, the English stand below them.

use super::catalogs::Texts;
use super::mailer::Mail;
use crate::model::{Language, Reference, Site};
use jiff::civil::Date;

/// Who writes, and where our pages are.
#[derive(Clone, Copy)]
pub struct Office<'a> {
    /// The site whose counter answers questions.
    pub site: &'a Site,
    /// The pages' address, without a `/` at its end.
    pub pages: &'a str,
}

/// A mail that can be written in any language.
pub trait Letter {
    /// What it is for, as the outbox calls it.
    const KIND: &'static str;

    /// What stands before the address, if there is one, and after it.
    fn parts(&self, texts: Texts) -> (String, String);

    /// The subject.
    fn subject(&self, texts: Texts) -> String;

    /// The path of the page it leads to, if it leads to one.
    fn path(&self) -> Option<String> {
        None
    }
}

/// Writes a letter to an address.
#[must_use]
pub fn write<L: Letter>(letter: &L, office: Office<'_>, to: &str, language: Language) -> Mail {
    let texts = Texts::of(language);
    let mut text = body(letter, office, texts);
    if !texts.is_reviewed() {
        let english = body(letter, office, Texts::of(Language::English));
        text = format!("{text}\n{}\n\n* * *\n\n{english}", texts.say("translation-unreviewed"));
    }
    let (to, subject) = (to.to_owned(), letter.subject(texts));
    Mail { to, language: language.tag().to_owned(), subject, text }
}

fn body<L: Letter>(letter: &L, office: Office<'_>, texts: Texts) -> String {
    let (before, after) = letter.parts(texts);
    let help = [("phone", &office.site.phone as _), ("hours", &office.site.hours as _)];
    let help = texts.with_all("help-line", help);
    let address = letter.path().map(|path| format!("{}{path}\n\n", office.pages)).unwrap_or_default();
    format!("{before}\n\n{address}{after}\n\n{}\n{help}\n", office.site.name)
}

/// The images of a request can be seen: the link.
pub struct LinkReady<'a> {
    /// The request.
    pub reference: &'a Reference,
    /// The link's token.
    pub token: &'a str,
    /// The last day it is good for.
    pub until: Date,
}

impl Letter for LinkReady<'_> {
    const KIND: &'static str = "link_ready";

    fn subject(&self, texts: Texts) -> String {
        texts.say("mail-link-ready-subject")
    }

    fn parts(&self, texts: Texts) -> (String, String) {
        let before = texts.with("mail-link-ready-before", "reference", self.reference.to_string());
        (before, texts.with("mail-link-ready-after", "until", texts.date(self.until)))
    }

    fn path(&self) -> Option<String> {
        Some(format!("/l/{}", self.token))
    }
}

/// Someone passes images on to a doctor: the link.
pub struct LinkShared<'a> {
    /// The link's token.
    pub token: &'a str,
    /// The last day it is good for.
    pub until: Date,
}

impl Letter for LinkShared<'_> {
    const KIND: &'static str = "link_shared";

    fn subject(&self, texts: Texts) -> String {
        texts.say("mail-link-shared-subject")
    }

    fn parts(&self, texts: Texts) -> (String, String) {
        let after = texts.with("mail-link-shared-after", "until", texts.date(self.until));
        (texts.say("mail-link-shared-before"), after)
    }

    fn path(&self) -> Option<String> {
        Some(format!("/l/{}", self.token))
    }
}

/// Someone entered by a link that was passed on: whoever passed it on is told.
pub struct LinkUsed<'a> {
    /// The request.
    pub reference: &'a Reference,
    /// The day.
    pub on: Date,
}

impl Letter for LinkUsed<'_> {
    const KIND: &'static str = "link_used";

    fn subject(&self, texts: Texts) -> String {
        texts.say("mail-link-used-subject")
    }

    fn parts(&self, texts: Texts) -> (String, String) {
        let reference = self.reference.to_string();
        let facts = [("reference", &reference as _), ("date", &texts.date(self.on) as _)];
        (texts.with_all("mail-link-used-before", facts), texts.say("mail-link-used-after"))
    }
}

/// A request was made: told to an address that was on file before it, in case somebody else made it.
pub struct RequestMade<'a> {
    /// The request.
    pub reference: &'a Reference,
    /// The day.
    pub on: Date,
}

impl Letter for RequestMade<'_> {
    const KIND: &'static str = "request_made";

    fn subject(&self, texts: Texts) -> String {
        texts.say("mail-request-made-subject")
    }

    fn parts(&self, texts: Texts) -> (String, String) {
        let reference = self.reference.to_string();
        let facts = [("reference", &reference as _), ("date", &texts.date(self.on) as _)];
        (texts.with_all("mail-request-made-before", facts), texts.say("mail-request-made-after"))
    }
}

#[cfg(test)]
mod tests;
