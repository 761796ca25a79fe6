//! The languages people are spoken to in.

use std::fmt;
use std::str::FromStr;

/// A language there is a catalog of messages for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English: the language signatures and warnings bind in.
    #[default]
    English,
    /// Spanish.
    Spanish,
    /// Arabic, written from right to left.
    Arabic,
    /// Somali.
    Somali,
    /// Hmong, in the Romanized Popular Alphabet.
    Hmong,
}

/// There is no catalog for a language so named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the language is one of en, es, ar, so, hmn")]
pub struct UnknownLanguage;

impl Language {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::English, Self::Spanish, Self::Arabic, Self::Somali, Self::Hmong];

    /// Its tag (BCP 47), as rows, pages and catalogs name it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::Arabic => "ar",
            Self::Somali => "so",
            Self::Hmong => "hmn",
        }
    }

    /// Its own name for itself, for those who read no other.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::Arabic => "العربية",
            Self::Somali => "Soomaali",
            Self::Hmong => "Hmoob",
        }
    }

    /// The way its lines run: `ltr` or `rtl`, as HTML writes it.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a tag; what follows the language itself (`es-MX`) is not looked at.
    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.tag()))
            .ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_language_whatever_region_or_case() {
        for language in Language::ALL {
            assert_eq!(language.tag().parse(), Ok(language));
        }
        assert_eq!("ES-mx".parse(), Ok(Language::Spanish));
        assert_eq!("fr".parse::<Language>(), Err(UnknownLanguage));
    }
}
