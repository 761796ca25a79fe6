//! `filmroom request new`.

use crate::app::Library;
use crate::cli::acting::{self, As, acting};
use crate::cli::print::Out;
use crate::desk::request::{NewRequest, submit};
use crate::model::request::{Capacity, GivenPatient, Received, ReceivedBy, Requester};
use jiff::civil::Date;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    who: As,
    /// The patient's name, as the requester wrote it.
    #[arg(long, value_name = "NAME")]
    patient: String,
    /// The patient's birth date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    birth_date: Date,
    /// The Patient ID, if the requester gave it.
    #[arg(long, value_name = "ID")]
    patient_id: Option<String>,
    /// Who asks; without it, the patient.
    #[arg(long, value_name = "NAME")]
    requester: Option<String>,
    /// What the requester is to the patient, who acts for them: parent, guardian, executor.
    #[arg(long, value_name = "RELATION", requires = "requester", conflicts_with = "organisation")]
    relation: Option<String>,
    /// Whom the requester asks for: an attorney's office, an insurer.
    #[arg(long, value_name = "NAME", requires = "requester")]
    organisation: Option<String>,
    /// The requester's e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// The requester's telephone number.
    #[arg(long)]
    phone: Option<String>,
    /// Which images and what for.
    #[arg(long, value_name = "WORDS")]
    wish: String,
    /// The day it reached the hospital: postmark or fax stamp. Without it, today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    received_on: Option<Date>,
    /// How it came: mail, fax, counter, phone, online.
    #[arg(long, value_name = "HOW", default_value = "counter", value_parser = received_by)]
    received_by: ReceivedBy,
    /// The language to answer in.
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    /// The site that works on it; without it, the first one.
    #[arg(long)]
    site: Option<String>,
}

fn received_by(word: &str) -> Result<ReceivedBy, String> {
    serde_json::from_value(word.into()).map_err(|_| "it is mail, fax, counter, phone or online".to_owned())
}

pub(super) async fn run(library: &Library, out: &mut Out, given: Arguments) -> anyhow::Result<()> {
    let (who, site) = (given.who.who(library).await?, acting::site(library, given.site.as_deref())?);
    let acting = acting(library, &who, &site);
    let capacity = match (given.relation, given.organisation) {
        (Some(relation), _) => Capacity::Representative { relation },
        (None, Some(organisation)) => Capacity::ThirdParty { organisation },
        (None, None) => Capacity::Patient,
    };
    let new = NewRequest {
        id: None,
        received: Received { on: given.received_on.unwrap_or(acting.today), by: given.received_by },
        requester: Requester {
            name: given.requester.unwrap_or_else(|| given.patient.clone()),
            capacity,
            email: given.email,
            phone: given.phone,
        },
        patient: GivenPatient {
            name: given.patient,
            birth_date: given.birth_date,
            patient_id: given.patient_id,
        },
        wish: given.wish,
        language: given.language,
        site: site.id,
    };
    let mut tx = library.db.begin().await?;
    let request = submit(&mut tx, &acting, new).await?;
    tx.commit().await?;
    Ok(out.line(request.reference)?)
}
