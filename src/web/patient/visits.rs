//! Who opened a link and those passed on from it: people, scanners of mail apart from them. Ending one.

use super::Means;
use super::inside::Inside;
use super::words::{count, day_of};
use crate::desk::{Who, link};
use crate::model::Site;
use crate::model::link::{Deed, LinkGrant, LinkState, Visit, Visitor};
use crate::notify::catalogs::Texts;
use crate::store::links;
use crate::web::plumbing::errors::PageError;
use crate::web::plumbing::form::Posted;
use crate::web::plumbing::frame::{Frame, page as shown};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "patient/visits.html")]
struct VisitsPage {
    frame: Frame,
    own: bool,
    may_share: bool,
    opened: Opened,
    shares: Vec<Share>,
}

/// Who opened one link.
struct Opened {
    people: Vec<Caller>,
    unknown: Vec<Caller>,
    scanners: Vec<Caller>,
}

impl Opened {
    /// Those who opened it, by kind, under the name of the kind; none that is empty.
    fn kinds(&self) -> Vec<(&'static str, &[Caller])> {
        let kinds = [
            ("visits-people", self.people.as_slice()),
            ("visits-unknown", self.unknown.as_slice()),
            ("visits-scanners", self.scanners.as_slice()),
        ];
        kinds.into_iter().filter(|(_, visitors)| !visitors.is_empty()).collect()
    }
}

/// A visitor, with what they did.
struct Caller {
    agent: String,
    deeds: Vec<String>,
}

/// A link that was passed on.
struct Share {
    /// Its number on this page, from 1.
    number: usize,
    recipient: String,
    /// The last day it works; nothing: it works no more.
    until: Option<String>,
    opened: Opened,
}

/// `GET /r/visits`
pub async fn page(State(means): State<Means>, inside: Inside) -> Result<Response, PageError> {
    inside.require_own()?;
    let mut shares = Vec::new();
    for (at, grant) in passed_on(&means, &inside).await?.into_iter().enumerate() {
        let until = match grant.state.clone().at(means.now_ms()) {
            LinkState::Active { until } | LinkState::Prepared { until } | LinkState::Locked { until } => {
                Some(day_of(inside.texts(), inside.site(), until))
            }
            LinkState::Expired { .. } | LinkState::Revoked { .. } => None,
        };
        let opened = opened(&means, &inside, &grant).await?;
        shares.push(Share { number: at + 1, recipient: grant.recipient, until, opened });
    }
    let grant = &inside.session.grant;
    shown(&VisitsPage {
        frame: inside.frame(),
        own: true,
        may_share: grant.rights.share,
        opened: opened(&means, &inside, grant).await?,
        shares,
    })
}

/// The links passed on from this one, the oldest first.
async fn passed_on(means: &Means, inside: &Inside) -> Result<Vec<LinkGrant>, PageError> {
    let own = &inside.session.grant;
    let mut all = links::of_request(&means.sender.db, &own.request).await?;
    all.retain(|grant| grant.shared_from.as_ref() == Some(&own.id));
    Ok(all)
}

async fn opened(means: &Means, inside: &Inside, grant: &LinkGrant) -> Result<Opened, PageError> {
    let mut opened = Opened { people: Vec::new(), unknown: Vec::new(), scanners: Vec::new() };
    for visitor in link::visitors(&means.sender.db, grant).await? {
        let (among, visits) = match visitor {
            Visitor::Person(visits) => (&mut opened.people, visits),
            Visitor::Unknown(visits) => (&mut opened.unknown, visits),
            Visitor::Scanner(visits) => (&mut opened.scanners, visits),
        };
        among.push(Caller {
            agent: browser(visits.first().map_or("", |visit| &visit.agent)).to_owned(),
            deeds: visits.iter().map(|visit| deed(inside.site(), inside.texts(), visit)).collect(),
        });
    }
    Ok(opened)
}

/// What a browser is called by people, from what it calls itself.
fn browser(agent: &str) -> &str {
    const KNOWN: [(&str, &str); 8] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Edg/", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("Windows", "Windows"),
    ];
    KNOWN.into_iter().find(|(mark, _)| agent.contains(mark)).map_or("—", |(_, name)| name)
}

fn deed(site: &Site, t: Texts, visit: &Visit) -> String {
    let message = match visit.deed {
        Deed::Opened => "deed-opened",
        Deed::Pressed => "deed-pressed",
        Deed::Refused => "deed-refused",
        Deed::Entered => "deed-entered",
        Deed::Viewed => "deed-viewed",
        Deed::Downloaded => "deed-downloaded",
        Deed::Shared => "deed-shared",
    };
    let date = day_of(t, site, visit.last_at);
    t.with_all(message, [("date", &date), ("times", &count(visit.times))])
}

/// `POST /r/visits/{share}/end`
pub async fn end(
    State(means): State<Means>,
    inside: Inside,
    Path(share): Path<usize>,
    Posted(_): Posted,
) -> Result<Response, PageError> {
    inside.require_own()?;
    let shares = passed_on(&means, &inside).await?;
    let ended = share.checked_sub(1).and_then(|at| shares.get(at)).ok_or(PageError::NotFound)?;
    if !matches!(ended.state, LinkState::Revoked { .. }) {
        let who = Who::Recipient(inside.session.grant.id.clone());
        let mut tx = means.sender.db.begin().await?;
        link::revoke(&mut tx, &means.of_link(), &who, &ended.id).await?;
        tx.commit().await?;
    }
    Ok(Redirect::to("/r/visits").into_response())
}
