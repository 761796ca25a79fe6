//! What is printed for a disc: its label and its letter, as data for print-styled pages.
//!
//! A label tells a finder nothing: it has no name, no date of birth, no description of an image. The letter has the
//! recipient's name and address, because it is theirs. Neither has a field for the opening code, which never travels
//! with its disc.

use super::DiscError;
use crate::model::delivery::{DiscForm, PostalAddress};
use crate::model::disc::{Disc, DiscCounts, DiscSet};
use crate::model::{Delivery, Reference};
use crate::store::db::Db;
use crate::store::{StoreError, deliveries, discs, requests};
use burn_queue::{Code, DiscState, Place};
use serde::Serialize;

/// Who to ask, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HelpLine {
    /// The hospital's name.
    pub hospital: String,
    /// A telephone number.
    pub phone: String,
    /// When somebody answers it.
    pub hours: String,
}

/// How a disc is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// `INDEX.HTM` in any current browser, with the opening code, which comes by another way.
    WithCode,
    /// `INDEX.HTM` in any current browser. Anyone who has it can.
    Freely,
}

impl Opens {
    fn of(form: &DiscForm) -> Self {
        match form {
            DiscForm::Sealed { .. } => Self::WithCode,
            DiscForm::Plain { .. } => Self::Freely,
        }
    }
}

/// The label of a disc.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiscLabel {
    /// The disc's code, to be printed in words and as a bar code.
    pub code: Code,
    /// "disc 1 of 2".
    pub place: Place,
    /// How it is opened.
    pub opens: Opens,
    /// How much is on the whole set.
    pub studies: u64,
    /// Series on the whole set.
    pub series: u64,
    /// Instances on the whole set; "images" to people.
    pub instances: u64,
    /// Who to ask.
    pub help: HelpLine,
}

/// The letter that goes into the envelope with the discs of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiscLetter {
    /// The code of the letter, which must match the envelope's.
    pub paper: Code,
    /// The code of the envelope.
    pub envelope: Code,
    /// The codes of the discs it goes with.
    pub discs: Vec<Code>,
    /// What the request goes by.
    pub reference: String,
    /// Who it is to.
    pub recipient: String,
    /// Where to; none if it is handed over at the counter.
    pub address: Option<PostalAddress>,
    /// How the discs are opened.
    pub opens: Opens,
    /// How much is on them.
    pub studies: u64,
    /// Series on them.
    pub series: u64,
    /// Instances on them; "images" to people.
    pub instances: u64,
    /// Who to ask.
    pub help: HelpLine,
}

/// The label of the disc with this code; none if it is not verified yet.
///
/// # Errors
/// [`DiscError`] if there is no such disc, or the database fails.
pub async fn label_of(db: &Db, code: Code, help: HelpLine) -> Result<Option<DiscLabel>, DiscError> {
    let (disc, set, delivery) = found(db, code).await?;
    Ok(disc_label(&disc, &set, &delivery, help))
}

/// The letter that goes with the disc of this code and the others of its set.
///
/// # Errors
/// [`DiscError`] if there is no such disc, or the database fails.
pub async fn letter_of(db: &Db, code: Code, help: HelpLine) -> Result<Option<DiscLetter>, DiscError> {
    let (_, set, delivery) = found(db, code).await?;
    let request = requests::get(db, &set.request).await?.ok_or(StoreError::Missing { table: "requests" })?;
    let all = discs::of_set(db, &set.id).await?;
    Ok(disc_letter(&set, &all, &delivery, &request.reference, help))
}

async fn found(db: &Db, code: Code) -> Result<(Disc, DiscSet, Delivery), DiscError> {
    let (disc, set) = discs::by_code(db, code).await?.ok_or(DiscError::NoSuchDisc(code))?;
    let delivery = deliveries::get(db, &set.delivery).await?;
    Ok((disc, set, delivery.ok_or(StoreError::Missing { table: "deliveries" })?))
}

/// The label of a disc that was verified; none for a disc that was not, or for a delivery without discs.
fn disc_label(disc: &Disc, set: &DiscSet, delivery: &Delivery, help: HelpLine) -> Option<DiscLabel> {
    if !matches!(disc.state, DiscState::Verified(_) | DiscState::Labelled(_) | DiscState::Packed(_)) {
        return None;
    }
    let DiscCounts { studies, series, instances } = set.counts;
    let opens = Opens::of(delivery.destination.disc()?);
    Some(DiscLabel { code: disc.code, place: disc.place, opens, studies, series, instances, help })
}

/// The letter that goes with a set; none for a delivery without discs. `discs` are all of the set.
fn disc_letter(
    set: &DiscSet,
    discs: &[Disc],
    delivery: &Delivery,
    reference: &Reference,
    help: HelpLine,
) -> Option<DiscLetter> {
    let DiscCounts { studies, series, instances } = set.counts;
    let good = discs.iter().filter(|disc| !matches!(disc.state, DiscState::Spoiled { .. }));
    Some(DiscLetter {
        paper: set.paper_code(),
        envelope: set.envelope_code(),
        discs: good.map(|disc| disc.code).collect(),
        reference: reference.to_string(),
        recipient: delivery.recipient.clone(),
        address: delivery.destination.address().cloned(),
        opens: Opens::of(delivery.destination.disc()?),
        studies,
        series,
        instances,
        help,
    })
}
