//! `filmroom request approve`.

use crate::app::Library;
use crate::cli::acting::{self, As, acting};
use crate::cli::print::Out;
use crate::desk::Acting;
use crate::desk::request::{
    Compared, approve, check_patient, choose_study, compare_patients, verify_identity,
};
use crate::model::request::{Basis, Expiry, IdentitySeen, Standing};
use crate::model::{Reference, RequestState, StudyFilter};
use crate::store::db::Tx;
use crate::store::{requests, studies};
use anyhow::{Context, bail, ensure};
use jiff::civil::Date;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Its reference.
    reference: Reference,
    #[command(flatten)]
    who: As,
    /// What showed who the requester is: photo_id, copy_of_photo_id, signature, call_back, portal.
    #[arg(long, value_name = "WHAT", value_parser = seen)]
    seen: IdentitySeen,
    /// The Study Instance UID of a study to release; may be given more than once.
    #[arg(long = "study", value_name = "UID", required = true)]
    studies: Vec<String>,
    /// A comparison you looked at, by the fingerprint printed with it; where the patients differ, with why these
    /// are the right one's all the same. Without it, the comparisons are printed and nothing is approved.
    #[arg(long, value_name = "FINGERPRINT[=REASON]", value_parser = looked)]
    compared: Vec<Looked>,
    /// What shows that a representative is one.
    #[arg(long, value_name = "DOCUMENT", conflicts_with = "recipient")]
    representation: Option<String>,
    /// Who may receive, by a signed document; without it the patient or representative has access.
    #[arg(long, value_name = "NAME", requires = "signed_on")]
    recipient: Option<String>,
    /// The day of the document's signature.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "recipient")]
    signed_on: Option<Date>,
    /// What for, as an authorization says; without it the document is the patient's directive.
    #[arg(long, value_name = "WORDS", requires = "expires_on")]
    purpose: Option<String>,
    /// The last day an authorization is good for.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "purpose")]
    expires_on: Option<Date>,
}

fn seen(word: &str) -> Result<IdentitySeen, String> {
    let unknown = "it is photo_id, copy_of_photo_id, signature, call_back or portal";
    serde_json::from_value(serde_json::json!({ "kind": word })).map_err(|_| unknown.to_owned())
}

/// A comparison somebody looked at.
#[derive(Debug, Clone)]
struct Looked {
    fingerprint: String,
    reason: Option<String>,
}

fn looked(text: &str) -> Result<Looked, String> {
    let (fingerprint, reason) = match text.split_once('=') {
        Some((fingerprint, reason)) => (fingerprint, Some(reason.to_owned())),
        None => (text, None),
    };
    let is_one = fingerprint.len() == 64 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let looked = is_one.then(|| Looked { fingerprint: fingerprint.to_owned(), reason });
    looked.ok_or_else(|| "a fingerprint has 64 hexadecimal digits: see `filmroom request show`".to_owned())
}

impl Arguments {
    fn basis(&self) -> Basis {
        let (recipient, signed_on) = match (&self.recipient, self.signed_on) {
            (Some(recipient), Some(signed_on)) => (recipient.clone(), signed_on),
            _ => return Basis::PatientAccess { representation: self.representation.clone() },
        };
        match (&self.purpose, self.expires_on) {
            (Some(purpose), Some(day)) => {
                let (purpose, expires) = (purpose.clone(), Expiry::On { day });
                Basis::Authorization { recipient, purpose, expires, signed_on }
            }
            _ => Basis::ThirdPartyDirective { recipient, signed_on },
        }
    }
}

pub(super) async fn run(library: &Library, out: &mut Out, given: Arguments) -> anyhow::Result<()> {
    let (who, site) = (given.who.who(library).await?, acting::site(library, None)?);
    let acting = acting(library, &who, &site);
    let id = super::find(library, &given.reference).await?;
    let mut tx = library.db.begin().await?;
    let request = requests::get_to_change(&mut tx, &id).await?;
    if !matches!(request.state, RequestState::IdentityVerified { .. }) {
        verify_identity(&mut tx, &acting, &id, given.seen.clone()).await?;
    }
    for uid in &given.studies {
        choose(&mut tx, &acting, &id, uid).await?;
    }
    let unseen = note_looks(&mut tx, &acting, &id, &given.compared).await?;
    if !unseen.is_empty() {
        unseen.iter().try_for_each(|compared| super::print_comparison(out, compared))?;
        bail!("compare the patients above, then say --compared with each fingerprint: nothing was approved");
    }
    approve(&mut tx, &acting, &id, given.basis()).await?;
    tx.commit().await?;
    Ok(out.line(format_args!("{} is approved", given.reference))?)
}

async fn choose(tx: &mut Tx, acting: &Acting<'_>, id: &str, uid: &str) -> anyhow::Result<()> {
    let filter = StudyFilter { study_instance_uid: Some(uid.to_owned()), limit: 2, ..StudyFilter::default() };
    let found = studies::list(&mut *tx, &filter).await?;
    ensure!(found.len() < 2, "study {uid} is kept under two patients: choose it on the request's page");
    let study = found.first().with_context(|| format!("no study {uid} is kept"))?;
    Ok(choose_study(tx, acting, id, &study.id, Standing::Released).await?)
}

/// Records the looks at comparisons; those that nobody looked at yet.
async fn note_looks(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: &str,
    looks: &[Looked],
) -> anyhow::Result<Vec<Compared>> {
    let request = requests::get_to_change(tx, id).await?;
    let scope = requests::scope(&mut *tx, id).await?;
    let mut unseen = Vec::new();
    for compared in compare_patients(&mut *tx, &request, &scope).await? {
        let fingerprint = compared.check.fingerprint();
        let known = compared.chosen.checked.as_ref().is_some_and(|record| compared.check.was_seen(record));
        match looks.iter().find(|look| look.fingerprint == fingerprint) {
            Some(look) => {
                let reason = look.reason.as_deref();
                check_patient(tx, acting, id, &compared.study.id, &fingerprint, reason).await?;
            }
            None if known => {}
            None => unseen.push(compared),
        }
    }
    Ok(unseen)
}
