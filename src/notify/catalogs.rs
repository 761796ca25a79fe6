//! The messages in every language, from `config/locales`.
//!
//! A catalog is a folder of Fluent files per language; all have the same messages with the same arguments,
//! which a test holds them to. The first line of a file says who reviewed it and when: until someone did,
//! it is offered for information, and what binds is the English.

use crate::model::Language;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};
use jiff::civil::Date;
use std::borrow::Cow;
use std::collections::HashMap;

static_loader! {
    static CATALOGS = {
        locales: "config/locales",
        fallback_language: "en",
        // Marks that keep a left-to-right argument whole are wanted only where lines run the other way.
        customise: |bundle| {
            let arabic = bundle.locales.first().is_some_and(|language| *language == langid!("ar"));
            bundle.set_use_isolating(arabic);
        },
    };
}

/// The messages of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts {
    /// Which one.
    pub language: Language,
}

impl Texts {
    /// The messages of `language`.
    #[must_use]
    pub const fn of(language: Language) -> Self {
        Self { language }
    }

    /// A message without arguments.
    #[must_use]
    pub fn say(self, message: &str) -> String {
        self.find(message, None)
    }

    /// A message with one argument, a text or a number.
    #[must_use]
    pub fn with(self, message: &str, name: &'static str, value: impl Argument) -> String {
        self.with_all(message, [(name, &value)])
    }

    /// A message with several arguments.
    #[must_use]
    pub fn with_all<const N: usize>(
        self,
        message: &str,
        arguments: [(&'static str, &dyn Argument); N],
    ) -> String {
        let arguments =
            arguments.into_iter().map(|(name, value)| (Cow::Borrowed(name), value.said())).collect();
        self.find(message, Some(&arguments))
    }

    /// A date with the month's name: "December 3, 2026".
    #[must_use]
    pub fn date(self, date: Date) -> String {
        self.in_one(
            "date",
            [
                ("month", &self.say(&format!("month-{}", date.month()))),
                ("day", &i64::from(date.day())),
                ("year", &date.year().to_string()),
            ],
        )
    }

    /// A date soon to come, with the weekday: "Thursday, December 3".
    #[must_use]
    pub fn day(self, date: Date) -> String {
        self.in_one(
            "weekday-and-date",
            [
                ("weekday", &self.say(&format!("weekday-{}", date.weekday().to_monday_one_offset()))),
                ("month", &self.say(&format!("month-{}", date.month()))),
                ("day", &i64::from(date.day())),
            ],
        )
    }

    /// A text that goes into another as one argument. Marks within would leave it none but neutral characters, and
    /// it would run from left to right whatever its words are.
    fn in_one<const N: usize>(self, message: &str, arguments: [(&'static str, &dyn Argument); N]) -> String {
        self.with_all(message, arguments).replace(['\u{2068}', '\u{2069}'], "")
    }

    /// Whether a translator answers for these messages.
    #[must_use]
    pub fn is_reviewed(self) -> bool {
        self.say("catalog-reviewed-by") != "nobody"
    }

    fn find(self, message: &str, arguments: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>) -> String {
        let language = identifier(self.language);
        CATALOGS.try_lookup_complete(&language, message, arguments).unwrap_or_else(|| {
            tracing::error!(message, "no catalog has this message");
            message.to_owned()
        })
    }
}

/// What an argument of a message may be: a text, or a number, which chooses among plural forms.
pub trait Argument {
    /// The value as a message takes it.
    fn said(&self) -> FluentValue<'static>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn said(&self) -> FluentValue<'static> {
        (**self).said()
    }
}

impl Argument for str {
    fn said(&self) -> FluentValue<'static> {
        FluentValue::from(self.to_owned())
    }
}

impl Argument for String {
    fn said(&self) -> FluentValue<'static> {
        FluentValue::from(self.clone())
    }
}

impl Argument for i64 {
    fn said(&self) -> FluentValue<'static> {
        FluentValue::from(*self)
    }
}

impl Argument for u64 {
    fn said(&self) -> FluentValue<'static> {
        FluentValue::from(*self)
    }
}

const fn identifier(language: Language) -> LanguageIdentifier {
    match language {
        Language::English => langid!("en"),
        Language::Spanish => langid!("es"),
        Language::Arabic => langid!("ar"),
        Language::Somali => langid!("so"),
        Language::Hmong => langid!("hmn"),
    }
}

#[cfg(test)]
mod tests;
