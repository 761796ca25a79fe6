//! Papers: letters and slips as pages with a print style, in the language of whoever gets them.

use super::errors::PageError;
use super::frame::Frame;
use crate::model::delivery::{CodeRoute, DiscForm};
use crate::model::{Language, Site};
use crate::notify::catalogs::Texts;
use askama::Template;
use jiff::civil::Date;
use qrcode::QrCode;
use qrcode::render::svg;
use std::sync::Arc;

/// The letter that goes with a disc, or tells of a link. The code is not in it.
#[derive(Template)]
#[template(path = "paper/letter.html")]
pub struct Letter {
    frame: Frame,
    large: bool,
    back: String,
    date: String,
    name: String,
    to: Vec<String>,
    reference: String,
    holds: Told,
    code_route: Option<&'static str>,
    packing: Option<Packing>,
}

/// What a letter tells of, as it is drawn.
enum Told {
    Page {
        address: String,
        qr: String,
    },
    Disc {
        /// The words on how it opens.
        open: &'static str,
    },
}

/// The codes that are scanned when discs are packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// On the letter.
    pub paper: String,
    /// On the envelope.
    pub envelope: String,
    /// On the discs.
    pub discs: Vec<String>,
}

/// What a letter is made of.
pub struct LetterFor<'l> {
    /// The language it is written in.
    pub language: Language,
    /// Whether in large print.
    pub large: bool,
    /// The page it was asked for on.
    pub back: &'l str,
    /// Its date.
    pub on: Date,
    /// Who gets it.
    pub name: &'l str,
    /// Their address, line by line; empty if it is handed over.
    pub address: Vec<String>,
    /// The request's reference.
    pub reference: &'l str,
    /// What it tells of.
    pub holds: Holds<'l>,
    /// How the code gets there.
    pub code_route: &'l CodeRoute,
    /// The codes of the discs it goes with.
    pub packing: Option<Packing>,
}

/// What a letter tells of.
pub enum Holds<'l> {
    /// The page at this address, to enter a code on.
    Page(String),
    /// A disc of this kind.
    Disc(&'l DiscForm),
}

/// The label of a disc, as a page to be printed. Nothing on it says whose images they are.
#[derive(Template)]
#[template(path = "paper/disc_label.html")]
pub struct LabelPage {
    frame: Frame,
    large: bool,
    back: String,
    code: String,
    place: String,
    open: &'static str,
    with_code: bool,
    content: String,
    qr: String,
}

impl LabelPage {
    /// The label of a disc with a code; `content` says in words how much is on it.
    ///
    /// # Errors
    /// If the code cannot be drawn.
    pub fn of(
        (site, language, back): (Arc<Site>, Language, &str),
        code: &str,
        place: &str,
        form: &DiscForm,
        content: String,
    ) -> Result<Self, PageError> {
        Ok(Self {
            frame: Frame::public(Texts::of(language), site, back),
            large: false,
            back: back.to_owned(),
            qr: qr(code)?,
            code: code.to_owned(),
            place: place.to_owned(),
            open: match form {
                DiscForm::Sealed { .. } => "label-open",
                DiscForm::Secure { .. } => "label-open-secure",
                DiscForm::Plain { .. } => "label-open-plain",
            },
            with_code: form.code().is_some(),
            content,
        })
    }
}

impl Letter {
    /// The letter of a desk.
    ///
    /// # Errors
    /// If the page's address is too long for a QR code.
    pub fn of(site: Arc<Site>, letter: LetterFor<'_>) -> Result<Self, PageError> {
        let t = Texts::of(letter.language);
        let mut to = vec![letter.name.to_owned()];
        to.extend(letter.address);
        Ok(Self {
            frame: Frame::public(t, site, letter.back),
            large: letter.large,
            back: letter.back.to_owned(),
            date: t.date(letter.on),
            name: letter.name.to_owned(),
            to,
            reference: letter.reference.to_owned(),
            holds: match letter.holds {
                Holds::Page(address) => Told::Page { qr: qr(&address)?, address },
                Holds::Disc(DiscForm::Sealed { .. }) => Told::Disc { open: "letter-disc-open" },
                Holds::Disc(DiscForm::Secure { .. }) => Told::Disc { open: "letter-disc-open-secure" },
                Holds::Disc(DiscForm::Plain { .. }) => Told::Disc { open: "letter-disc-open-plain" },
            },
            code_route: match letter.code_route {
                CodeRoute::InPerson => Some("letter-code-in-person"),
                CodeRoute::Phone { .. } => Some("letter-code-by-phone"),
                CodeRoute::Letter { .. } => Some("letter-code-by-letter"),
                CodeRoute::NoCode => None,
            },
            packing: letter.packing,
        })
    }
}

/// The slip a code is handed over or mailed on, apart from what it opens.
#[derive(Template)]
#[template(path = "paper/slip.html")]
pub struct Slip {
    frame: Frame,
    large: bool,
    back: String,
    title: &'static str,
    code: String,
    reference: String,
    opens: Opens,
}

/// What is signed when discs change hands at the counter. Where nobody answers for a translation, what is signed
/// stands in English under it, with a line for an interpreter's name.
#[derive(Template)]
#[template(path = "paper/receipt.html")]
pub struct Receipt {
    frame: Frame,
    large: bool,
    back: String,
    number: String,
    reference: String,
    discs: String,
    /// The words of what is signed.
    received: &'static str,
    languages: Vec<(Texts, bool)>,
}

impl Receipt {
    /// The receipt of a number for these discs, which are of this kind.
    #[must_use]
    pub fn of(
        site: Arc<Site>,
        (language, back): (Language, &str),
        number: String,
        reference: String,
        (discs, form): (&[String], &DiscForm),
    ) -> Self {
        let t = Texts::of(language);
        let languages = match t.is_reviewed() {
            true => vec![(t, false)],
            false => vec![(t, true), (Texts::of(Language::English), false)],
        };
        Self {
            frame: Frame::public(t, site, back),
            large: false,
            back: back.to_owned(),
            number,
            reference,
            discs: discs.join(", "),
            received: match form.code() {
                Some(_) => "receipt-received",
                None => "receipt-received-plain",
            },
            languages,
        }
    }
}

/// What a code opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// The pages of a link.
    Link {
        /// Where it is entered.
        address: String,
        /// The same, to be scanned.
        qr: String,
        /// The last day it is good for, in words.
        until: String,
    },
    /// A disc.
    Disc {
        /// What is printed on it.
        disc: String,
        /// The words on how the code is used.
        usage: &'static str,
    },
}

impl Opens {
    /// The pages of a link: the code is entered at `address`, until a day.
    ///
    /// # Errors
    /// If the address is too long for a QR code.
    pub fn link(address: String, until: Date, language: Language) -> Result<Self, PageError> {
        Ok(Self::Link { qr: qr(&address)?, until: Texts::of(language).date(until), address })
    }

    /// Discs of this kind, by what is printed on them.
    #[must_use]
    pub fn discs(printed: &[String], form: &DiscForm) -> Self {
        let usage = match form {
            DiscForm::Secure { .. } => "slip-secure-use",
            DiscForm::Sealed { .. } | DiscForm::Plain { .. } => "slip-opening-use",
        };
        Self::Disc { disc: printed.join(", "), usage }
    }
}

impl Slip {
    /// The slip of a desk with a code on it. `back` is the page it was asked for on.
    #[must_use]
    pub fn of(
        site: Arc<Site>,
        (language, large, back): (Language, bool, &str),
        reference: &str,
        code: &str,
        opens: Opens,
    ) -> Self {
        Self {
            frame: Frame::public(Texts::of(language), site, back),
            large,
            back: back.to_owned(),
            title: match opens {
                Opens::Link { .. } => "slip-access-title",
                Opens::Disc { .. } => "slip-opening-title",
            },
            code: code.to_owned(),
            reference: reference.to_owned(),
            opens,
        }
    }
}

/// A text to be scanned, as SVG.
pub(crate) fn qr(text: &str) -> Result<String, PageError> {
    let code = QrCode::new(text).map_err(|error| PageError::Broken(error.to_string()))?;
    let drawn = code.render().min_dimensions(160, 160).dark_color(svg::Color("#000")).build();
    Ok(drawn.split_once("?>").map_or(drawn.clone(), |(_, svg)| svg.to_owned()))
}
