//! Papers: letters and slips as pages with a print style, in the language of whoever gets them.

use super::errors::PageError;
use super::frame::Frame;
use crate::model::delivery::CodeRoute;
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
    page_address: Option<String>,
    qr: String,
    code_route: &'static str,
    packing: Option<Packing>,
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
    /// The page to enter a code on; nothing if there is a disc.
    pub page_address: Option<String>,
    /// How the code gets there.
    pub code_route: &'l CodeRoute,
    /// The codes of the discs it goes with.
    pub packing: Option<Packing>,
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
        with_code: bool,
        content: String,
    ) -> Result<Self, PageError> {
        Ok(Self {
            frame: Frame::public(Texts::of(language), site, back),
            large: false,
            back: back.to_owned(),
            qr: qr(code)?,
            code: code.to_owned(),
            place: place.to_owned(),
            with_code,
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
            qr: letter.page_address.as_deref().map(qr).transpose()?.unwrap_or_default(),
            frame: Frame::public(t, site, letter.back),
            large: letter.large,
            back: letter.back.to_owned(),
            date: t.date(letter.on),
            name: letter.name.to_owned(),
            to,
            reference: letter.reference.to_owned(),
            page_address: letter.page_address,
            code_route: match letter.code_route {
                CodeRoute::InPerson => "letter-code-in-person",
                CodeRoute::Phone { .. } => "letter-code-by-phone",
                CodeRoute::Letter { .. } => "letter-code-by-letter",
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
    languages: Vec<(Texts, bool)>,
}

impl Receipt {
    /// The receipt of a number for these discs.
    #[must_use]
    pub fn of(
        site: Arc<Site>,
        (language, back): (Language, &str),
        number: String,
        reference: String,
        discs: &[String],
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
