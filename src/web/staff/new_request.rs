//! Taking a request in.

use super::{Means, Staff};
use crate::desk::DeskError;
use crate::desk::authorization::Action;
use crate::desk::request::{NewRequest, submit as submit_request};
use crate::ids::{is_id, new_id};
use crate::model::Language;
use crate::model::request::{Capacity, GivenPatient, Received, ReceivedBy, ReleaseRequest, Requester};
use crate::store::{StoreError, requests};
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::{Fields, Posted};
use crate::web::plumbing::frame::{Frame, page as answer};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "staff/new_request.html")]
pub(super) struct NewRequestPage {
    pub frame: Frame,
    pub fields: Fields,
    pub problems: Vec<Problem>,
    pub received_ways: [(&'static str, &'static str); 5],
    pub capacities: [(&'static str, &'static str); 3],
}

/// What is wrong with a field.
pub(super) struct Problem {
    pub field: &'static str,
    pub words: String,
}

impl NewRequestPage {
    pub(super) fn of(frame: Frame, fields: Fields, problems: Vec<Problem>) -> Self {
        Self {
            frame,
            fields,
            problems,
            received_ways: [
                ("mail", "Mail"),
                ("fax", "Fax"),
                ("counter", "At the counter"),
                ("phone", "Telephone"),
                ("online", "Online"),
            ],
            capacities: [
                ("patient", "The patient"),
                ("representative", "Someone for the patient"),
                ("third_party", "An attorney, an insurer, another clinic"),
            ],
        }
    }

    fn problem_of(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.words.as_str())
    }
}

/// `GET /staff/requests/new`
pub async fn page(State(means): State<Means>, staff: Staff) -> Result<Response, PageError> {
    staff.require(Action::SubmitRequest)?;
    let on = means.house.site.today(means.clock.now_ms()).to_string();
    // The form brings the id of the request to be, so that a form sent twice is one request.
    let id = new_id(means.clock.now_ms(), &*means.house.chance);
    let fields = [
        ("id", id.as_str()),
        ("received_on", on.as_str()),
        ("capacity", "patient"),
        ("language", Language::English.tag()),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    answer(&NewRequestPage::of(staff.frame("/staff/requests/new"), Fields::of(fields), Vec::new()))
}

/// `POST /staff/requests/new`
pub async fn submit(
    State(means): State<Means>,
    staff: Staff,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    staff.require(Action::SubmitRequest)?;
    let refused = match read(&fields, &means.house.site.id) {
        Err(problems) => problems,
        Ok(new) => {
            let id = new.id.clone();
            let mut tx = means.db.begin().await?;
            match submit_request(&mut tx, &staff.acting(&means), new).await {
                Ok(request) => {
                    tx.commit().await?;
                    return Ok(to_page_of(&request));
                }
                Err(DeskError::Store(error @ StoreError::Conflict { .. })) => {
                    drop(tx);
                    let before = requests::get(&means.db, &id.unwrap_or_default()).await?;
                    return before.as_ref().map(to_page_of).ok_or_else(|| error.into());
                }
                Err(DeskError::Invalid { field, why }) => {
                    let field = on_the_form(field, &fields);
                    vec![Problem { field, words: format!("{}: {why}", named(field)) }]
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let page = answer(&NewRequestPage::of(staff.frame("/staff/requests/new"), fields, refused))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn to_page_of(request: &ReleaseRequest) -> Response {
    Redirect::to(&format!("/staff/requests/{}", request.reference)).into_response()
}

fn read(fields: &Fields, site: &str) -> Result<NewRequest, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut date = |field: &'static str| {
        let read = fields.text(field).parse();
        if read.is_err() {
            problems.push(Problem { field, words: format!("{}: give a date", named(field)) });
        }
        read.ok()
    };
    let (received_on, birth_date) = (date("received_on"), date("birth_date"));
    for field in ["patient_name", "wish"] {
        if fields.given(field).is_none() {
            problems.push(Problem { field, words: format!("{}: it must not be empty", named(field)) });
        }
    }
    let (Some(on), Some(birth_date), true) = (received_on, birth_date, problems.is_empty()) else {
        return Err(problems);
    };
    let by = serde_json::from_value(fields.text("received_by").into()).unwrap_or(ReceivedBy::Counter);
    let patient_name = fields.text("patient_name").to_owned();
    let relation = fields.text("relation").to_owned();
    let capacity = match fields.text("capacity") {
        "representative" => Capacity::Representative { relation },
        "third_party" => Capacity::ThirdParty { organisation: relation },
        _ => Capacity::Patient,
    };
    Ok(NewRequest {
        id: fields.given("id").filter(|id| is_id(id)),
        site: site.to_owned(),
        received: Received { on, by },
        requester: Requester {
            name: fields.given("requester_name").unwrap_or_else(|| patient_name.clone()),
            capacity,
            email: fields.given("email"),
            phone: fields.given("phone"),
        },
        patient: GivenPatient { name: patient_name, birth_date, patient_id: fields.given("patient_id") },
        wish: fields.text("wish").to_owned(),
        language: fields.text("language").parse::<Language>().unwrap_or_default().tag().to_owned(),
    })
}

/// The field of the form that holds what the desk calls so.
fn on_the_form(field: &'static str, fields: &Fields) -> &'static str {
    match field {
        "organisation" => "relation",
        // Who gives no name of their own is the patient.
        "requester_name" if fields.given(field).is_none() => "patient_name",
        field => field,
    }
}

/// What people call a field.
fn named(field: &str) -> &'static str {
    match field {
        "received_on" => "Received on",
        "birth_date" => "Birth date",
        "patient_name" => "Patient's name",
        "patient_id" => "Patient ID",
        "wish" => "Which images",
        "requester_name" => "Name of who asks",
        "relation" => "Relation, or organisation",
        "email" => "E-mail",
        "phone" => "Telephone",
        _ => "A field",
    }
}
