//! The mails there are, each with what it says. None names the patient or what was examined.

use super::catalogs::Texts;
use super::mailer::Mail;
use crate::model::link::LinkToken;
use crate::model::{Language, Site};

/// Says that images are ready, and where. It carries the link's token.
#[must_use]
pub fn link_ready(
    to: &str,
    language: Language,
    site: &Site,
    url: &str,
    token: &LinkToken,
    until: i64,
) -> Mail {
    let texts = Texts::of(language);
    let link = format!("{url}/l/{}", token.reveal());
    let text = texts.with_all(
        "mail-link-text",
        [
            ("hospital", &site.name),
            ("url", &link),
            ("until", &texts.date(site.today(until))),
            ("phone", &site.phone),
            ("hours", &site.hours),
        ],
    );
    Mail {
        to: to.to_owned(),
        language: language.tag().to_owned(),
        subject: texts.say("mail-link-subject"),
        text,
    }
}
