//! What the page of a request shows.

mod clock;
mod deliveries;
mod studies;

use super::parcel::{ParcelView, usual};
use crate::desk::authorization::Action;
use crate::desk::overview::{Happening, Overview, WaitsFor};
use crate::desk::parcel_outlook::ParcelOutlook;
use crate::desk::stopped::{Remedy, Stopped};
use crate::model::request::{Basis, Capacity, IdentitySeen, ReleaseRequest, RequestState};
use crate::model::{Actor, LinkGrant, StudySummary, User};
use crate::web::plumbing::fee::{ComesWords, lines};
use crate::web::plumbing::form::Fields;
use crate::web::plumbing::frame::Frame;
use crate::web::plumbing::show::{Fact, Sign, day, dollars, machine_moment, moment, sentence, who};
use crate::web::staff::links::LinkView;
use crate::web::staff::notices::Notice;
use crate::web::staff::worklist::state_sign;
use crate::web::staff::{Means, Staff};
use askama::Template;
use clock::ClockView;
use deliveries::DeliveryView;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use studies::{FoundView, StudyView};

#[derive(Template)]
#[template(path = "staff/request.html")]
pub struct RequestPage {
    pub frame: Frame,
    pub path: String,
    pub reference: String,
    pub patient_name: String,
    pub state: Sign,
    pub problem: Option<String>,
    pub typed: Fields,
    pub people: Vec<Fact>,
    pub wish: String,
    pub clock: ClockView,
    pub studies: Vec<StudyView>,
    pub find: String,
    pub found: Vec<FoundView>,
    pub may_change_scope: bool,
    pub may_decide: bool,
    pub may_add_delivery: bool,
    pub fee: String,
    pub basis: Vec<(String, String)>,
    pub usual: ComesWords,
    pub next: Next,
    pub stopped: Vec<StoppedView>,
    pub deliveries: Vec<DeliveryView>,
    pub links: Vec<LinkView>,
    pub may_manage_links: bool,
    pub may_correct: bool,
    pub may_withdraw: bool,
    pub may_resume: bool,
    pub may_see_pictures: bool,
    pub letters: Vec<Paper>,
    pub received_on: String,
    pub timeline: Vec<EventView>,
}

/// What the page is made of.
pub struct Looked {
    pub overview: Overview,
    pub today: Date,
    pub find: String,
    pub found: Vec<StudySummary>,
    pub colleagues: Vec<User>,
    pub links: Vec<LinkGrant>,
    pub typed: Fields,
    /// What the deliveries by FedEx cost and when they come, by the deliveries' ids.
    pub outlooks: HashMap<String, ParcelOutlook>,
}

/// A letter to be printed.
pub struct Paper {
    pub path: &'static str,
    pub name: &'static str,
}

impl Paper {
    fn of(notice: Notice<'_>) -> Self {
        Self { path: notice.as_str(), name: notice.name() }
    }
}

/// Work that stopped.
pub struct StoppedView {
    pub id: String,
    pub what: &'static str,
    pub reason: String,
    pub since: String,
    pub remedy: Remedy,
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
        let Looked { overview, today, find, found, colleagues, links, typed, mut outlooks } = looked;
        let Overview { request, studies, progress, clock, waits_for, timeline, .. } = overview;
        let zone = &means.house.site_of(&request).zone;
        let path = format!("/staff/requests/{}", request.reference);
        let is_undecided = request.state.is_undecided();
        let may_decide = staff.may(Action::DecideRequest);
        let deliveries = progress.deliveries.iter().map(|one| {
            let waits_for = progress.delivery_waits_for(one, &request.state);
            let outlook = outlooks.remove(&one.delivery.id);
            let parcel = outlook.map(|each| ParcelView::of(each, staff.may(Action::SeeCharge)));
            DeliveryView::of(one.clone(), waits_for, parcel, staff)
        });
        Self {
            deliveries: deliveries.collect(),
            stopped: progress.stopped.into_iter().map(|each| StoppedView::of(each, zone)).collect(),
            typed,
            may_correct: may_decide && !request.state.is_closed(),
            may_withdraw: staff.may(Action::WithdrawRequest) && !request.state.is_closed(),
            may_resume: staff.may(Action::ResumeWork),
            may_see_pictures: staff.may(Action::SearchStudies),
            letters: Notice::all(&request).into_iter().map(Paper::of).collect(),
            received_on: request.received.on.to_string(),
            frame: staff.frame(&path),
            reference: request.reference.to_string(),
            state: state_sign(request.state.as_str()),
            problem,
            people: people(&request, &colleagues),
            clock: ClockView::of(&request, clock, may_decide && request.may_extend(today)),
            next: Next::of(waits_for, &request, may_decide),
            studies: studies.into_iter().map(|each| StudyView::of(each, &colleagues, zone)).collect(),
            find,
            found: found.into_iter().map(FoundView::of).collect(),
            may_change_scope: is_undecided && staff.may(Action::ChooseStudies),
            may_decide,
            may_add_delivery: staff.may(Action::ChooseDelivery) && !request.state.is_closed(),
            fee: dollars(means.fee.amount().get()),
            basis: lines(means.fee.basis()),
            usual: means.parcels.usual(&means.house.site_of(&request)).map(usual).unwrap_or_default(),
            may_manage_links: staff.may(Action::ManageLinks),
            links: links.into_iter().map(|grant| LinkView::of(grant, means.clock.now_ms(), zone)).collect(),
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

impl RequestPage {
    /// What was typed into a field of the form that was refused; nothing of any other form.
    fn typed(&self, form: &str, field: &str) -> &str {
        if self.is_refused(form) { self.typed.text(field) } else { "" }
    }

    fn is_refused(&self, form: &str) -> bool {
        self.typed.text("form") == form
    }
}

impl StoppedView {
    fn of(stopped: Stopped, zone: &TimeZone) -> Self {
        Self {
            what: stopped.what,
            reason: sentence(&stopped.reason),
            since: moment(stopped.since, zone),
            remedy: stopped.remedy,
            id: stopped.id,
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
                (Step::Watch, "The mail with the link was refused: send it again, to another address.")
            }
            WaitsFor::Stopped => (Step::Watch, "Something stopped: see to it below."),
            WaitsFor::AccessCode => {
                (Step::Watch, "Issue the access code: without one the link opens nothing.")
            }
            WaitsFor::Payment => (Step::Watch, "The fee is due: billing collects it, or lets it off."),
            WaitsFor::Package => (Step::Watch, "The images are being put together. That goes by itself."),
            WaitsFor::Discs => (Step::Watch, "The burn desk burns and packs the discs."),
            WaitsFor::Deliveries => (Step::Watch, "The deliveries are on their way: see below."),
            WaitsFor::Nothing => (Step::Reopen, "Nothing: this request is closed."),
        };
        let step = if may_decide { step } else { Step::Watch };
        Self { step, words, is_undecided: request.state.is_undecided() }
    }
}

impl EventView {
    fn of(Happening { event, .. }: &Happening, colleagues: &[User], zone: &TimeZone) -> Self {
        Self {
            at: machine_moment(event.at),
            when: moment(event.at, zone),
            what: happened(&event.action),
            who: event.who().map_or_else(|| "not known".to_owned(), |actor| who(&actor, colleagues)),
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
