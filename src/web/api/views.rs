//! What the API shows.

use crate::desk::DeskError;
use crate::desk::overview::{Happening, Overview, WaitsFor, clock_words, waits_for_each};
use crate::desk::request::Compared;
use crate::desk::stopped::{Remedy, Stopped};
use crate::model::charge::Charge;
use crate::model::delivery::{CodeRoute, DeliveryState, Destination};
use crate::model::link::LinkGrant;
use crate::model::request::{
    Cell, Extension, GivenPatient, Pace, Received, ReleaseRequest, RequestState, Requester, Standing,
};
use crate::model::shipment::Shipment;
use crate::model::{Actor, Delivery, Disclosure, StudySummary};
use crate::store::db::Read;
use crate::store::requests::RequestLine;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

/// A request in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestLineView {
    /// The name it goes by.
    pub reference: String,
    /// Whose images, as the requester wrote it.
    pub patient: String,
    /// Who asks.
    pub requester: String,
    /// How far it is.
    pub state: String,
    /// The day its clock runs from.
    pub received_on: Date,
    /// The last day to act.
    pub due_on: Date,
    /// The ways of its deliveries.
    pub ways: Vec<String>,
    /// Whom it waits for, and for what.
    pub waits_for: WaitsFor,
}

impl RequestLineView {
    /// The lines of a list, each with what it waits for.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn of(reader: impl Read, lines: Vec<RequestLine>) -> Result<Vec<Self>, DeskError> {
        let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        let waits_for = waits_for_each(reader, &ids).await?;
        Ok(lines.into_iter().zip(waits_for).map(|(line, waits_for)| Self::one(line, waits_for)).collect())
    }

    fn one(line: RequestLine, waits_for: WaitsFor) -> Self {
        let RequestLine { id: _, reference, patient, requester, state, received_on, due_on, ways } = line;
        Self { reference, patient, requester, state, received_on, due_on, ways, waits_for }
    }
}

/// A request with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// The name it goes by.
    pub reference: String,
    /// The site that works on it.
    pub site: String,
    /// The day its clock runs from, and how it came.
    pub received: Received,
    /// Who asks.
    pub requester: Requester,
    /// Whose images, in the requester's words.
    pub patient: GivenPatient,
    /// Which images and what for.
    pub wish: String,
    /// The language to answer in.
    pub language: String,
    /// How far it is, with what is true there.
    pub state: RequestState,
    /// Whether mammograms are asked for.
    pub mammography: bool,
    /// The extension taken, if it was.
    pub extension: Option<Extension>,
    /// What the clock says.
    pub clock: ClockView,
    /// Whom it waits for, and for what.
    pub waits_for: WaitsFor,
    /// The same in words.
    pub waits_for_words: String,
    /// Its studies.
    pub studies: Vec<StudyInScopeView>,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// Links given out, those passed on among them.
    pub links: Vec<Part>,
    /// Parcels, letters, discs over the counter.
    pub shipments: Vec<Part>,
    /// What is charged for deliveries.
    pub charges: Vec<Part>,
    /// Work on it that stopped and waits for a person.
    pub stopped: Vec<StoppedView>,
    /// What happened, the oldest first.
    pub timeline: Vec<HappeningView>,
}

/// Something that belongs to a delivery, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    /// Its id, good for this API.
    pub id: String,
    /// The delivery's id.
    pub delivery: String,
    /// How far it is.
    pub state: String,
}

impl Part {
    fn of_link(grant: LinkGrant) -> Self {
        Self { state: grant.state.as_str().to_owned(), id: grant.id, delivery: grant.delivery }
    }

    fn of_shipment(shipment: Shipment) -> Self {
        let state = shipment.progress.state().to_owned();
        Self { id: shipment.id, delivery: shipment.delivery, state }
    }

    fn of_charge(charge: Charge) -> Self {
        Self { state: charge.state.as_str().to_owned(), id: charge.id, delivery: charge.delivery }
    }
}

/// What a request's clock says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// The desk's own target.
    pub target_on: Date,
    /// The last day to act.
    pub due_on: Date,
    /// Days until then; negative when it has passed.
    pub days_left: i32,
    /// How pressing it is.
    pub pace: Pace,
    /// The same in words.
    pub words: String,
}

/// A study of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyInScopeView {
    /// The study.
    #[serde(flatten)]
    pub study: StudyView,
    /// Whether it is released.
    pub standing: Standing,
    /// Its patient beside what the requester gave, cell by cell.
    pub cells: Vec<Cell>,
    /// What is odd about patient or study besides.
    pub findings: Vec<String>,
    /// Whether somebody must say why this is the right patient all the same.
    pub differs: bool,
    /// Names this comparison: to be given back when it is confirmed.
    pub fingerprint: String,
    /// Whether somebody looked at exactly this comparison.
    pub is_checked: bool,
    /// Why a difference does not matter.
    pub acknowledged: Option<String>,
}

/// A study.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudyView {
    /// Its id, good for this API.
    pub id: String,
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Patient's Name.
    pub patient_name: String,
    /// Patient ID.
    pub patient_id: String,
    /// Issuer of Patient ID.
    pub issuer_of_patient_id: String,
    /// Patient's Birth Date, `YYYYMMDD`.
    pub patient_birth_date: String,
    /// Study Date, `YYYYMMDD`.
    pub study_date: String,
    /// Accession Number.
    pub accession_number: String,
    /// Study Description.
    pub description: String,
    /// Its modalities.
    pub modalities: Vec<String>,
    /// How many series it has.
    pub series: u64,
    /// How many instances.
    pub instances: u64,
}

impl From<StudySummary> for StudyView {
    fn from(study: StudySummary) -> Self {
        Self {
            id: study.id,
            study_instance_uid: study.study_instance_uid,
            patient_name: study.patient.name,
            patient_id: study.patient.patient_id,
            issuer_of_patient_id: study.patient.issuer,
            patient_birth_date: study.patient.birth_date,
            study_date: study.study_date,
            accession_number: study.accession_number,
            description: study.description,
            modalities: study.modalities,
            series: study.series_count,
            instances: study.instance_count,
        }
    }
}

impl From<Compared> for StudyInScopeView {
    fn from(compared: Compared) -> Self {
        let Compared { chosen, study, check } = compared;
        let fresh = chosen.checked.filter(|record| check.was_seen(record));
        Self {
            study: study.into(),
            standing: chosen.standing,
            differs: check.differs(),
            findings: check.findings.iter().map(|kind| kind.as_str().to_owned()).collect(),
            fingerprint: check.fingerprint(),
            cells: check.cells,
            is_checked: fresh.is_some(),
            acknowledged: fresh.and_then(|record| record.acknowledged),
        }
    }
}

/// A delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id, good for this API.
    pub id: String,
    /// Who receives it.
    pub recipient: String,
    /// Where to, and so which way.
    pub destination: Destination,
    /// How the code that opens it gets there.
    pub code_route: CodeRoute,
    /// Whether a person confirmed that route, or there is no code that needs one.
    pub is_code_route_confirmed: bool,
    /// How far it is, with what is true there.
    pub state: DeliveryState,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            is_code_route_confirmed: !delivery.is_code_route_open(),
            id: delivery.id,
            recipient: delivery.recipient,
            destination: delivery.destination,
            code_route: delivery.code_route,
            state: delivery.state,
        }
    }
}

/// Work that stopped.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoppedView {
    /// Its id, good for this API.
    pub id: String,
    /// What was being done.
    pub what: &'static str,
    /// Why it stopped.
    pub reason: String,
    /// Since when, in milliseconds since 1970 UTC.
    pub since: i64,
    /// What a person does about it.
    pub remedy: Remedy,
}

impl From<Stopped> for StoppedView {
    fn from(stopped: Stopped) -> Self {
        let Stopped { id, what, reason, since, remedy } = stopped;
        Self { id, what, reason, since, remedy }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct HappeningView {
    /// The event's id.
    pub id: String,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Who did it; nothing if what was recorded cannot be read.
    #[schema(value_type = Json)]
    pub actor: Option<Actor>,
    /// Their name, where it was a user.
    pub by: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject_kind: String,
    /// Its id.
    pub subject: String,
    /// What else is to be known.
    pub detail: Json,
}

impl From<Happening> for HappeningView {
    fn from(happening: Happening) -> Self {
        let Happening { event, by } = happening;
        Self {
            at: event.at,
            actor: event.who(),
            by,
            detail: serde_json::from_str(&event.detail).unwrap_or_default(),
            id: event.id,
            action: event.action,
            subject_kind: event.subject.kind,
            subject: event.subject.id,
        }
    }
}

impl From<Overview> for RequestView {
    fn from(overview: Overview) -> Self {
        let Overview { request, studies, progress, links, shipments, charges, clock, waits_for, timeline } =
            overview;
        let dates = request.deadlines();
        let clock = ClockView {
            target_on: dates.target_on,
            due_on: dates.due_on,
            days_left: clock.days_left,
            pace: clock.pace,
            words: clock_words(&request, clock),
        };
        let ReleaseRequest { reference, site, received, requester, patient, wish, language, .. } = request;
        Self {
            reference: reference.to_string(),
            site,
            received,
            requester,
            patient,
            wish,
            language,
            state: request.state,
            mammography: request.mammography,
            extension: request.extension,
            clock,
            waits_for,
            waits_for_words: waits_for.words().to_owned(),
            studies: studies.into_iter().map(Into::into).collect(),
            deliveries: progress.deliveries.into_iter().map(|one| one.delivery.into()).collect(),
            stopped: progress.stopped.into_iter().map(Into::into).collect(),
            links: links.into_iter().map(Part::of_link).collect(),
            shipments: shipments.into_iter().map(Part::of_shipment).collect(),
            charges: charges.into_iter().map(Part::of_charge).collect(),
            timeline: timeline.into_iter().map(Into::into).collect(),
        }
    }
}

/// A line of the accounting of disclosures: 45 CFR 164.528(b)(2).
#[derive(Debug, Serialize, ToSchema)]
pub struct DisclosureView {
    /// When it began, in milliseconds since 1970 UTC.
    pub begun_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Who received it, name and address.
    pub recipient: String,
    /// By what: a package, a disc set.
    pub what: String,
    /// The id of that.
    pub what_id: String,
    /// How far it is.
    pub state: String,
    /// When pictures of it were first looked at; they are no bytes of the whole.
    pub viewed_at: Option<i64>,
    /// Bytes that left.
    pub left_bytes: u64,
    /// Bytes of the whole.
    pub whole_bytes: u64,
}

impl From<Disclosure> for DisclosureView {
    fn from(disclosure: Disclosure) -> Self {
        Self {
            begun_at: disclosure.begun_at,
            ended_at: disclosure.ended_at,
            viewed_at: disclosure.viewed_at,
            state: disclosure.state.as_str().to_owned(),
            left_bytes: disclosure.left.bytes(),
            whole_bytes: disclosure.whole_bytes,
            recipient: disclosure.recipient,
            what: disclosure.what,
            what_id: disclosure.what_id,
        }
    }
}
