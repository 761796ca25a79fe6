//! What the page of a request shows.

use super::parcel::{ParcelView, usual};
use crate::desk::authorization::Action;
use crate::desk::overview::{Happening, Overview, WaitsFor};
use crate::desk::parcel_outlook::ParcelOutlook;
use crate::desk::request::Compared;
use crate::model::delivery::{CodeRoute, Delivery, DeliveryState, Destination, Way};
use crate::model::finding::FindingKind;
use crate::model::request::{
    Agreement, Basis, Capacity, Cell, CellField, ClockReading, Deadlines, IdentitySeen, Pace, ReceivedBy,
    ReleaseRequest, RequestState, Standing,
};
use crate::model::{Actor, LinkGrant, StudySummary, User};
use crate::web::plumbing::fee::{ComesWords, lines};
use crate::web::plumbing::form::Fields;
use crate::web::plumbing::frame::Frame;
use crate::web::plumbing::show::{
    Fact, Sign, counted, day, days_off, dicom_day, dollars, machine_moment, moment, name, who,
};
use crate::web::staff::links::LinkView;
use crate::web::staff::worklist::{state_sign, way_name};
use crate::web::staff::{Means, Staff};
use askama::Template;
use jiff::tz::TimeZone;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "staff/request.html")]
pub struct RequestPage {
    pub frame: Frame,
    pub path: String,
    pub reference: String,
    pub patient_name: String,
    pub state: Sign,
    pub problem: Option<String>,
    pub people: Vec<Fact>,
    pub wish: String,
    pub clock: ClockView,
    pub studies: Vec<StudyView>,
    pub find: String,
    pub found: Vec<FoundView>,
    pub may_change_scope: bool,
    pub may_decide: bool,
    pub may_add_delivery: bool,
    pub typed: Fields,
    pub fee: String,
    pub basis: Vec<(String, String)>,
    pub usual: ComesWords,
    pub next: Next,
    pub deliveries: Vec<DeliveryView>,
    pub links: Vec<LinkView>,
    pub may_manage_links: bool,
    pub timeline: Vec<EventView>,
}

/// What the page is made of.
pub struct Looked {
    pub overview: Overview,
    pub find: String,
    pub found: Vec<StudySummary>,
    pub colleagues: Vec<User>,
    pub links: Vec<LinkGrant>,
    pub typed: Fields,
    /// What the deliveries by FedEx cost and when they come, by the deliveries' ids.
    pub outlooks: HashMap<String, ParcelOutlook>,
}

/// The clock in words, as a ring and as dates.
pub struct ClockView {
    pub sign: Sign,
    pub words: String,
    /// How much of the time is gone, in percent.
    pub part_gone: i32,
    pub facts: Vec<Fact>,
    pub may_extend: bool,
    pub extend_hint: String,
}

/// A study of the request.
pub struct StudyView {
    pub id: String,
    pub title: String,
    pub facts: String,
    pub has_picture: bool,
    pub withheld: Option<String>,
    pub cells: Vec<CellView>,
    pub findings: Vec<&'static str>,
    pub checked: Sign,
    pub is_to_check: bool,
    pub differs: bool,
    pub fingerprint: String,
}

/// A line of the comparison.
pub struct CellView {
    pub name: &'static str,
    pub given: String,
    pub kept: String,
    pub differs: bool,
    pub sign: Sign,
}

/// A study that was found.
pub struct FoundView {
    pub id: String,
    pub title: String,
    pub patient: String,
    pub facts: String,
    pub has_picture: bool,
}

/// The next thing to do.
pub struct Next {
    pub step: Step,
    pub words: &'static str,
    pub is_undecided: bool,
}

/// Which form stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Who is it?
    Identity,
    /// To be released?
    Approve,
    /// Did it come?
    Information,
    /// Take it up again?
    Reopen,
    /// Nothing for this reader, or nothing at all.
    Watch,
}

/// A delivery.
pub struct DeliveryView {
    pub id: String,
    pub way: &'static str,
    pub state: Sign,
    pub to: String,
    pub code: String,
    pub next: Option<&'static str>,
    pub parcel: Option<ParcelView>,
    pub may_show_code: bool,
    pub may_confirm_route: bool,
    pub may_cancel: bool,
}

/// Something that happened.
pub struct EventView {
    pub at: String,
    pub when: String,
    pub what: String,
    pub who: String,
}

impl RequestPage {
    /// The page for a reader.
    pub fn of(means: &Means, staff: &Staff, looked: Looked, problem: Option<String>) -> Self {
        let Looked { overview, find, found, colleagues, links, typed, mut outlooks } = looked;
        let Overview { request, studies, deliveries, clock, waits_for, timeline, .. } = overview;
        let zone = &means.house.site_of(&request).zone;
        let path = format!("/staff/requests/{}", request.reference);
        let is_undecided = request.state.is_undecided();
        let may_decide = staff.may(Action::DecideRequest);
        let may_deliver = staff.may(Action::ChooseDelivery);
        Self {
            frame: staff.frame(&path),
            reference: request.reference.to_string(),
            state: state_sign(request.state.as_str()),
            problem,
            people: people(&request, &colleagues),
            clock: ClockView::of(&request, clock, may_decide),
            next: Next::of(waits_for, &request, may_decide),
            studies: studies.into_iter().map(|each| StudyView::of(each, &colleagues, zone)).collect(),
            find,
            found: found.into_iter().map(FoundView::of).collect(),
            may_change_scope: is_undecided && staff.may(Action::ChooseStudies),
            may_decide,
            may_add_delivery: may_deliver && !request.state.is_closed(),
            typed,
            fee: dollars(means.fee.amount().get()),
            basis: lines(means.fee.basis()),
            usual: means.parcels.usual(&means.house.site_of(&request)).map(usual).unwrap_or_default(),
            may_manage_links: staff.may(Action::ManageLinks),
            links: links.into_iter().map(|grant| LinkView::of(grant, means.clock.now_ms(), zone)).collect(),
            deliveries: deliveries
                .into_iter()
                .map(|delivery| {
                    let outlook = outlooks.remove(&delivery.id);
                    let parcel = outlook.map(|each| ParcelView::of(each, staff.may(Action::SeeCharge)));
                    DeliveryView::of(delivery, parcel, may_deliver)
                })
                .collect(),
            timeline: timeline
                .into_iter()
                .rev()
                .map(|each| EventView::of(&each, &colleagues, zone))
                .collect(),
            patient_name: request.patient.name,
            wish: request.wish,
            path,
        }
    }
}

fn colleague(id: &str, colleagues: &[User]) -> String {
    who(&Actor::User { id: id.to_owned() }, colleagues)
}

fn people(request: &ReleaseRequest, colleagues: &[User]) -> Vec<Fact> {
    let (patient, requester) = (&request.patient, &request.requester);
    let asks = match &requester.capacity {
        Capacity::Patient => format!("{}, the patient", requester.name),
        Capacity::Representative { relation } => format!("{}, for the patient: {relation}", requester.name),
        Capacity::ThirdParty { organisation } => format!("{}, for {organisation}", requester.name),
    };
    let mut facts = vec![
        Fact::new("Patient", &patient.name),
        Fact::new("Born", day(patient.birth_date)),
        Fact::new("Patient ID", patient.patient_id.as_deref().unwrap_or("not given")),
        Fact::new("Asked by", asks),
    ];
    facts.extend(requester.email.as_ref().map(|email| Fact::new("E-mail", email)));
    facts.extend(requester.phone.as_ref().map(|phone| Fact::new("Telephone", phone)));
    let identity = match &request.state {
        RequestState::IdentityVerified { identity }
        | RequestState::NeedsInformation { identity: Some(identity), .. } => Some(identity),
        state => state.approval().map(|approval| &approval.identity),
    };
    facts.push(Fact::new(
        "Identity",
        identity.map_or_else(
            || "not verified yet".to_owned(),
            |identity| format!("{}, by {}", seen(&identity.seen), colleague(&identity.by, colleagues)),
        ),
    ));
    if let Some(approval) = request.state.approval() {
        facts.push(Fact::new("By what right", basis(&approval.basis)));
        facts.push(Fact::new("Approved by", colleague(&approval.by, colleagues)));
    }
    facts.extend(ended(&request.state));
    facts
}

/// Why a request ended otherwise than fulfilled, or what it waits for.
fn ended(state: &RequestState) -> Option<Fact> {
    match state {
        RequestState::NeedsInformation { reason, .. } => Some(Fact::new("Asked for", reason)),
        RequestState::Reopened { reason } => Some(Fact::new("Taken up again", reason)),
        RequestState::Denied { words, .. } => Some(Fact::new("Denied", words)),
        RequestState::NoRecords { searched, .. } => Some(Fact::new("Looked for in", searched)),
        RequestState::Withdrawn { words } => Some(Fact::new("Taken back", words)),
        _ => None,
    }
}

fn seen(seen: &IdentitySeen) -> String {
    match seen {
        IdentitySeen::PhotoId => "photo ID seen".to_owned(),
        IdentitySeen::CopyOfPhotoId => "copy of a photo ID seen".to_owned(),
        IdentitySeen::Signature => "signature compared".to_owned(),
        IdentitySeen::CallBack => "called back on a number on file".to_owned(),
        IdentitySeen::Portal => "signed in at the portal".to_owned(),
        IdentitySeen::Other { words } => words.clone(),
    }
}

fn basis(basis: &Basis) -> String {
    match basis {
        Basis::PatientAccess { representation: None } => "Patient access".to_owned(),
        Basis::PatientAccess { representation: Some(shown) } => {
            format!("Patient access, represented: {shown}")
        }
        Basis::ThirdPartyDirective { recipient, signed_on } => {
            format!("Patient's directive to {recipient}, signed {}", day(*signed_on))
        }
        Basis::Authorization { recipient, signed_on, .. } => {
            format!("Authorization for {recipient}, signed {}", day(*signed_on))
        }
    }
}

impl ClockView {
    fn of(request: &ReleaseRequest, reading: ClockReading, may_decide: bool) -> Self {
        let deadlines = request.deadlines();
        let whole = (deadlines.due_on - request.received.on).get_days().max(1);
        let gone = (whole - reading.days_left).clamp(0, whole);
        let by = match request.received.by {
            ReceivedBy::Mail => "by mail, as postmarked",
            ReceivedBy::Fax => "by fax, as stamped",
            ReceivedBy::Counter => "at the counter",
            ReceivedBy::Phone => "by telephone",
            ReceivedBy::Online => "online",
        };
        let mut facts = vec![
            Fact::new("Received", format!("{}, {by}", day(request.received.on))),
            Fact::new("Our target", day(deadlines.target_on)),
            Fact::new("Due by law", day(deadlines.due_on)),
        ];
        if let Some(extension) = &request.extension {
            facts.push(Fact::new(
                "Extended",
                format!("told {}: {}", day(extension.told_on), extension.reason),
            ));
        }
        let is_open = !request.state.is_closed();
        let may_extend = is_open
            && may_decide
            && request.extension.is_none()
            && !request.mammography
            && reading.days_left >= 0;
        Self {
            sign: if is_open {
                clock_sign(reading.pace, reading.days_left)
            } else {
                Sign::new("ended", "Closed")
            },
            words: if request.mammography {
                "15 days from the day it was received, because of mammograms. Nothing pauses them.".to_owned()
            } else {
                "30 days from the day it was received. Nothing pauses them.".to_owned()
            },
            part_gone: gone * 100 / whole,
            facts,
            may_extend,
            extend_hint: extend_hint(&deadlines),
        }
    }
}

fn extend_hint(deadlines: &Deadlines) -> String {
    format!("At most 30 days after {}; the letter must go out by then.", day(deadlines.extend_by))
}

fn clock_sign(pace: Pace, days_left: i32) -> Sign {
    let due = format!("Due {}", days_off(days_left));
    match pace {
        Pace::OnTime => Sign::new("good", due),
        Pace::PastTarget => Sign::new("going", format!("{due}, past our target")),
        Pace::DueSoon => Sign::new("warn", due),
        Pace::Overdue => Sign::new("bad", format!("Overdue: was due {}", days_off(days_left))),
    }
}

impl StudyView {
    fn of(compared: Compared, colleagues: &[User], zone: &TimeZone) -> Self {
        let Compared { chosen, study, check } = compared;
        let fingerprint = check.fingerprint();
        let current = chosen.checked.filter(|record| record.fingerprint == fingerprint);
        let withheld = match chosen.standing {
            Standing::Released => None,
            Standing::Withheld { reason } => Some(reason),
        };
        let checked = match &current {
            None => Sign::new("warn", "Not compared yet"),
            Some(record) => {
                let by = format!("{}, {}", colleague(&record.by, colleagues), moment(record.at, zone));
                match &record.acknowledged {
                    None => Sign::new("good", format!("Compared by {by}")),
                    Some(why) => Sign::new("good", format!("Compared by {by}: {why}")),
                }
            }
        };
        let differs = check.differs();
        Self {
            title: title(&study),
            facts: facts(&study),
            has_picture: has_picture(&study),
            is_to_check: current.is_none() && withheld.is_none(),
            withheld,
            cells: check.cells.into_iter().map(CellView::of).collect(),
            findings: check.findings.into_iter().map(finding).collect(),
            checked,
            differs,
            fingerprint,
            id: study.id,
        }
    }
}

impl CellView {
    fn of(cell: Cell) -> Self {
        let Cell { field, given, found, agreement } = cell;
        let (name, given, kept) = match field {
            CellField::Name => ("Name", given, name(&found)),
            CellField::BirthDate => ("Born", dicom_day(&given), dicom_day(&found)),
            CellField::PatientId => ("Patient ID", given, found),
        };
        let (differs, sign) = match agreement {
            Agreement::Same => (false, Sign::new("good", "same")),
            Agreement::Different => (true, Sign::new("bad", "differs")),
            Agreement::NotGiven => (false, Sign::new("", "not given")),
            Agreement::NotInImages => (true, Sign::new("warn", "not in the images")),
        };
        Self { name, given, kept, differs, sign }
    }
}

fn finding(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::StudyUnderTwoPatients => "This study came under two patients",
        FindingKind::PatientTwoNames => "This patient came under two names",
        FindingKind::PatientTwoBirthDates => "This patient came with two birth dates",
        FindingKind::InstanceDamaged => "An image is damaged",
        FindingKind::InstanceDiffers => "An image came twice, with different content",
        FindingKind::InstanceUnreadable => "An image cannot be read back",
    }
}

impl FoundView {
    fn of(study: StudySummary) -> Self {
        let patient = &study.patient;
        Self {
            title: title(&study),
            patient: format!(
                "{} · born {} · ID {}",
                name(&patient.name),
                dicom_day(&patient.birth_date),
                patient.patient_id
            ),
            facts: facts(&study),
            has_picture: has_picture(&study),
            id: study.id,
        }
    }
}

fn title(study: &StudySummary) -> String {
    let kinds = study.modalities.join(", ");
    match (study.description.trim(), kinds.is_empty()) {
        ("", true) => "Study without a description".to_owned(),
        ("", false) => kinds,
        (words, true) => words.to_owned(),
        (words, false) => format!("{words} ({kinds})"),
    }
}

fn facts(study: &StudySummary) -> String {
    let images = counted(study.instance_count, "image", "images");
    let series = counted(study.series_count, "series", "series");
    let accession = match study.accession_number.as_str() {
        "" => String::new(),
        number => format!(" · accession {number}"),
    };
    format!("{} · {images} in {series}{accession}", dicom_day(&study.study_date))
}

/// Whether there may be something to draw: a study of reports alone has no picture.
fn has_picture(study: &StudySummary) -> bool {
    study.modalities.iter().any(|kind| !matches!(kind.as_str(), "SR" | "PR" | "KO" | "DOC" | "AU" | "ECG"))
}

impl Next {
    fn of(waits_for: WaitsFor, request: &ReleaseRequest, may_decide: bool) -> Self {
        let (step, words) = match waits_for {
            WaitsFor::Identity => (Step::Identity, "Find out whether the requester is who they say."),
            WaitsFor::Information => (Step::Information, "Waiting for the requester. The clock runs on."),
            WaitsFor::Studies => (Step::Watch, "Choose the images that were asked for."),
            WaitsFor::PatientCheck => {
                (Step::Watch, "Compare the patient of each study with what the requester gave.")
            }
            WaitsFor::Decision => (Step::Approve, "Say by what right the images leave."),
            WaitsFor::DeliveryChoice => (Step::Watch, "Add a delivery: nothing leaves before."),
            WaitsFor::CodeRoute => (Step::Watch, "Confirm how each code gets to its recipient."),
            WaitsFor::LinkRefused => {
                (Step::Watch, "The mail with the link was refused: cancel that delivery and choose another.")
            }
            WaitsFor::Deliveries => (Step::Watch, "The deliveries are on their way: see below."),
            WaitsFor::Nothing => (Step::Reopen, "Nothing: this request is closed."),
        };
        let step = if may_decide { step } else { Step::Watch };
        Self { step, words, is_undecided: request.state.is_undecided() }
    }
}

impl DeliveryView {
    fn of(delivery: Delivery, parcel: Option<ParcelView>, may_deliver: bool) -> Self {
        let confirmed = delivery.code_route_confirmed_at.is_some();
        let is_open = !delivery.state.is_closed();
        let made = matches!(delivery.state, DeliveryState::UnderWay | DeliveryState::Done { .. });
        let way = delivery.way();
        Self {
            way: way_name(way),
            state: delivery_sign(&delivery.state),
            to: to(&delivery),
            code: code(&delivery.code_route, confirmed),
            next: next_of(&delivery.state, way, confirmed),
            parcel,
            may_show_code: may_deliver && way.needs_discs() && made,
            may_confirm_route: may_deliver && is_open && !confirmed,
            may_cancel: may_deliver && is_open,
            id: delivery.id,
        }
    }
}

fn delivery_sign(state: &DeliveryState) -> Sign {
    match state {
        DeliveryState::Chosen => Sign::new("", "Chosen"),
        DeliveryState::Quoted => Sign::new("", "Fee told"),
        DeliveryState::Ready => Sign::new("going", "Ready"),
        DeliveryState::UnderWay => Sign::new("going", "Under way"),
        DeliveryState::Done { .. } => Sign::new("good", "Done"),
        DeliveryState::Switched { .. } => Sign::new("ended", "Switched"),
        DeliveryState::Cancelled { .. } => Sign::new("ended", "Cancelled"),
    }
}

fn to(delivery: &Delivery) -> String {
    let recipient = &delivery.recipient;
    match &delivery.destination {
        Destination::Link { email: Some(email) } => format!("{recipient}, {email}"),
        Destination::Link { email: None } => format!("{recipient}, on paper"),
        Destination::Desk { .. } => format!("{recipient}, in person"),
        Destination::Mail { address, .. } | Destination::FedEx { address, .. } => {
            format!(
                "{recipient}, {}, {}, {} {}",
                address.lines.join(", "),
                address.city,
                address.state,
                address.zip
            )
        }
    }
}

fn code(route: &CodeRoute, confirmed: bool) -> String {
    let how = match route {
        CodeRoute::InPerson => "Code in person".to_owned(),
        CodeRoute::Phone { number } => format!("Code by telephone, {number}"),
        CodeRoute::Letter { .. } => "Code in a letter of its own".to_owned(),
    };
    format!("{how}: {}", if confirmed { "confirmed" } else { "not confirmed yet" })
}

fn next_of(state: &DeliveryState, way: Way, confirmed: bool) -> Option<&'static str> {
    match (state, way) {
        (
            DeliveryState::Done { .. } | DeliveryState::Switched { .. } | DeliveryState::Cancelled { .. },
            _,
        ) => None,
        _ if !confirmed => Some("Confirm how the code gets there."),
        (DeliveryState::Chosen | DeliveryState::Quoted, Way::FedEx) => {
            Some("Collect or waive the fee once approved.")
        }
        (DeliveryState::Chosen | DeliveryState::Quoted | DeliveryState::Ready, _) => {
            Some("Begins when the request is approved.")
        }
        (DeliveryState::UnderWay, Way::Link) => Some("The recipient opens the link."),
        (DeliveryState::UnderWay, _) => Some("The disc is burned, packed and sent."),
    }
}

impl EventView {
    fn of(Happening { event, .. }: &Happening, colleagues: &[User], zone: &TimeZone) -> Self {
        let actor = serde_json::from_str(&event.actor).unwrap_or(Actor::Anyone);
        Self {
            at: machine_moment(event.at),
            when: moment(event.at, zone),
            what: happened(&event.action),
            who: who(&actor, colleagues),
        }
    }
}

/// What was done, in words: `request.identity_verified` is "Request: identity verified".
fn happened(action: &str) -> String {
    let (subject, done) = action.split_once('.').unwrap_or(("", action));
    let mut subject = subject.replace('_', " ");
    if let Some(first) = subject.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{subject}: {}", done.replace('_', " "))
}
