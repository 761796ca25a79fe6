//! The worklist.

use super::date;
use crate::model::{Reference, name};
use crate::store::StoreError;
use crate::store::db::{Read, Row, Value, composed, list as listed, read_all};
use crate::store::jobs::{REQUEST, STOPPED};
use jiff::civil::Date;

/// What part of the requests a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Chip {
    /// All that are open.
    #[default]
    Open,
    /// Those nobody has decided on.
    ToDecide,
    /// Those that wait for the requester.
    Waiting,
    /// Those with deliveries under way.
    Fulfilling,
    /// Those on which work stopped and waits for a person, open or not.
    Stopped,
    /// Those that ended.
    Closed,
}

impl Chip {
    /// Every part.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::ToDecide, Self::Waiting, Self::Fulfilling, Self::Stopped, Self::Closed];

    /// The word pages and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::ToDecide => "to_decide",
            Self::Waiting => "waiting",
            Self::Fulfilling => "fulfilling",
            Self::Stopped => "stopped",
            Self::Closed => "closed",
        }
    }

    /// The part of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chip| chip.as_str() == word)
    }

    fn condition(self) -> String {
        let part = match self {
            Self::Open => "closed_at IS NULL",
            Self::ToDecide => "closed_at IS NULL AND state IN ('submitted', 'reopened', 'identity_verified')",
            Self::Waiting => "closed_at IS NULL AND state = 'needs_information'",
            Self::Fulfilling => "closed_at IS NULL AND state IN ('approved', 'fulfilling')",
            Self::Stopped => return format!("id IN (SELECT {REQUEST} FROM jobs j WHERE {STOPPED})"),
            Self::Closed => "closed_at IS NOT NULL",
        };
        part.to_owned()
    }
}

/// So many words of a name are looked for; no more are needed to know one from the other.
const MOST_WORDS: usize = 6;

/// Which requests to list: those that are due first come first, of the closed ones the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Which part.
    pub chip: Chip,
    /// A reference, or the beginnings of words of the patient's or the requester's name, in any order; `""` for
    /// all. It looks in every part, whatever `chip` says.
    pub search: String,
    /// At most so many.
    pub limit: u32,
    /// Skip so many: a page further down.
    pub skip: u32,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// The row's id.
    pub id: String,
    /// The name it goes by.
    pub reference: String,
    /// Whose images, as the requester wrote it.
    pub patient: String,
    /// Who asks.
    pub requester: String,
    /// How far it is, as rows write it.
    pub state: String,
    /// The day its clock runs from.
    pub received_on: Date,
    /// The last day to act.
    pub due_on: Date,
    /// The ways of its deliveries that are not switched or cancelled, as rows write them.
    pub ways: Vec<String>,
}

/// The requests that meet a filter.
///
/// # Errors
/// If the database fails.
pub async fn list(mut reader: impl Read, filter: &RequestFilter) -> Result<Vec<RequestLine>, StoreError> {
    let (condition, mut params) = condition(filter);
    let order = match filter.chip {
        Chip::Closed => "submitted_at DESC, id DESC",
        _ => "due_on, id",
    };
    let limit = params.len() + 1;
    params.extend([filter.limit, filter.skip].map(Value::from));
    let sql = format!(
        "SELECT id, reference, patient, requester, state, received_on, due_on FROM requests \
         WHERE {condition} ORDER BY {order} LIMIT ${limit} OFFSET ${}",
        limit + 1
    );
    let rows = reader.rows(composed(sql), params).await?;
    let mut lines = read_all(rows, "requests", read)?;
    add_ways(&mut reader, &mut lines).await?;
    Ok(lines)
}

fn condition(filter: &RequestFilter) -> (String, Vec<Value<'static>>) {
    let search = filter.search.trim();
    if search.is_empty() {
        return (filter.chip.condition(), Vec::new());
    }
    let mut params: Vec<Value<'static>> = Vec::new();
    let mut begin_words = Vec::new();
    for begins in name::folded(search).split(' ').take(MOST_WORDS) {
        let at = params.len();
        begin_words.push(format!(
            "id IN (SELECT request FROM request_words WHERE word >= ${} AND word < ${})",
            at + 1,
            at + 2
        ));
        params.extend([begins.to_owned(), name::after_prefix(begins)].map(Value::from));
    }
    let mut condition = format!("({})", begin_words.join(" AND "));
    // Anderson might be a reference too.
    if let Ok(reference) = search.parse::<Reference>() {
        params.push(reference.to_string().into());
        condition = format!("({condition} OR reference = ${})", params.len());
    }
    (condition, params)
}

async fn add_ways(reader: &mut impl Read, lines: &mut [RequestLine]) -> Result<(), StoreError> {
    let among = reader.dialect().in_list("request", 1);
    let sql = format!(
        "SELECT request, way FROM deliveries WHERE {among} AND state NOT IN ('switched', 'cancelled') ORDER BY id"
    );
    let ids = listed(lines.iter().map(|line| line.id.as_str()));
    for row in reader.rows(composed(sql), vec![ids]).await? {
        let row = row.of("deliveries");
        let request = row.text("request")?;
        if let Some(line) = lines.iter_mut().find(|line| line.id == request) {
            line.ways.push(row.text("way")?);
        }
    }
    Ok(())
}

fn read(row: &Row) -> Result<RequestLine, StoreError> {
    let patient: crate::model::request::GivenPatient = row.json("patient")?;
    let requester: crate::model::request::Requester = row.json("requester")?;
    Ok(RequestLine {
        id: row.text("id")?,
        reference: row.text("reference")?,
        patient: patient.name,
        requester: requester.name,
        state: row.text("state")?,
        received_on: date(row, "received_on")?,
        due_on: date(row, "due_on")?,
        ways: Vec::new(),
    })
}
