//! How far the deliveries of requests are, with everything that hangs on each; and what each waits for.

use super::DeskError;
use super::overview::WaitsFor;
use super::stopped::{self, Stopped};
use crate::model::charge::ChargeState;
use crate::model::disc::{Disc, SetState};
use crate::model::link::LinkState;
use crate::model::{Charge, Delivery, LinkGrant, MessageState, RequestState, Shipment, Way};
use crate::store::db::Read;
use crate::store::{charges, deliveries, discs, links, messages, packages, shipments};

/// A delivery with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryProgress {
    /// The delivery.
    pub delivery: Delivery,
    /// Its own link, not those passed on.
    pub link: Option<LinkGrant>,
    /// Whether the mail server refused the last mail with that link.
    pub is_refused: bool,
    /// Its fee.
    pub charge: Option<Charge>,
    /// The discs of its newest set, without the spoiled ones, and how far the set is.
    pub discs: Option<(SetState, Vec<Disc>)>,
    /// Its newest shipment.
    pub shipment: Option<Shipment>,
}

/// How far the deliveries of a request are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The deliveries, the oldest first.
    pub deliveries: Vec<DeliveryProgress>,
    /// Whether what they hand over was put together.
    pub is_frozen: bool,
    /// What stopped and waits for a person.
    pub stopped: Vec<Stopped>,
}

/// How far the deliveries of requests are, in the order of `requests`.
///
/// # Errors
/// If the database fails.
pub async fn of_requests(mut reader: impl Read, requests: &[&str]) -> Result<Vec<Progress>, DeskError> {
    let wanted = deliveries::of_requests(&mut reader, requests).await?;
    let links = links::of_requests(&mut reader, requests).await?;
    let charges = charges::of_requests(&mut reader, requests).await?;
    let discs = discs::of_requests(&mut reader, requests).await?;
    let shipments = shipments::of_requests(&mut reader, requests).await?;
    let frozen = packages::frozen_among(&mut reader, requests).await?;
    let stopped = stopped::of_requests(&mut reader, requests).await?;
    let refused = refused(&mut reader, &wanted, &links).await?;
    let whole = |delivery: &Delivery| DeliveryProgress {
        is_refused: refused.contains(&delivery.id),
        link: links.iter().find(|grant| is_own(grant, delivery)).cloned(),
        charge: charges.iter().find(|charge| charge.delivery == delivery.id).cloned(),
        shipment: shipments.iter().rfind(|shipment| shipment.delivery == delivery.id).cloned(),
        discs: discs.iter().rfind(|(_, set)| set.delivery == delivery.id).map(|(_, newest)| {
            let of_it = discs.iter().filter(|(disc, set)| set.id == newest.id && !disc.is_spoiled());
            (newest.state.clone(), of_it.map(|(disc, _)| disc.clone()).collect())
        }),
        delivery: delivery.clone(),
    };
    let progress = |id: &str| Progress {
        deliveries: wanted.iter().filter(|delivery| delivery.request == id).map(whole).collect(),
        is_frozen: frozen.iter().any(|request| request == id),
        stopped: stopped.iter().filter(|(request, _)| request == id).map(|(_, each)| each.clone()).collect(),
    };
    Ok(requests.iter().map(|id| progress(id)).collect())
}

/// The deliveries that are open and whose last mail with the link was refused.
async fn refused(
    reader: &mut impl Read,
    wanted: &[Delivery],
    links: &[LinkGrant],
) -> Result<Vec<String>, DeskError> {
    let mut refused = Vec::new();
    for delivery in wanted.iter().filter(|delivery| !delivery.state.is_closed()) {
        let Some(grant) = links.iter().find(|grant| is_own(grant, delivery)) else { continue };
        let mail = messages::latest_of_grant(&mut *reader, &grant.id).await?;
        if mail.is_some_and(|mail| matches!(mail.state, MessageState::Refused { .. })) {
            refused.push(delivery.id.clone());
        }
    }
    Ok(refused)
}

fn is_own(grant: &LinkGrant, delivery: &Delivery) -> bool {
    grant.delivery == delivery.id && grant.shared_from.is_none()
}

impl Progress {
    /// What a request that was approved waits for: the first thing a person can do, else what goes by itself.
    #[must_use]
    pub fn waits_for(&self) -> WaitsFor {
        if self.deliveries.iter().all(|one| one.delivery.state.is_dropped()) {
            return WaitsFor::DeliveryChoice;
        }
        let open = self.deliveries.iter().filter(|one| !one.delivery.state.is_closed());
        let stopped = (!self.stopped.is_empty()).then_some(WaitsFor::Stopped);
        let each = open.map(|one| one.waits_for(self.is_frozen)).chain(stopped);
        each.min().unwrap_or(WaitsFor::Deliveries)
    }

    /// What one of its deliveries waits for.
    #[must_use]
    pub fn delivery_waits_for(&self, one: &DeliveryProgress, state: &RequestState) -> WaitsFor {
        if one.delivery.state.is_closed() {
            WaitsFor::Nothing
        } else if one.delivery.is_code_route_open() {
            WaitsFor::CodeRoute
        } else if state.is_undecided() {
            WaitsFor::Decision
        } else {
            one.waits_for(self.is_frozen)
        }
    }
}

impl DeliveryProgress {
    /// What it waits for, once its request was approved.
    fn waits_for(&self, is_frozen: bool) -> WaitsFor {
        let has_code = |link: &LinkGrant| link.has_code || matches!(link.state, LinkState::Revoked { .. });
        let is_due = |charge: &Charge| matches!(charge.state, ChargeState::Quoted | ChargeState::Open);
        let is_packed = self.discs.as_ref().is_some_and(|(state, _)| *state == SetState::Packed);
        if self.delivery.is_code_route_open() {
            WaitsFor::CodeRoute
        } else if self.is_refused {
            WaitsFor::LinkRefused
        } else if !is_frozen {
            WaitsFor::Package
        } else if self.link.as_ref().is_some_and(|link| !has_code(link)) {
            WaitsFor::AccessCode
        } else if self.charge.as_ref().is_some_and(is_due) {
            WaitsFor::Payment
        } else if self.delivery.way() != Way::Link && !is_packed {
            WaitsFor::Discs
        } else {
            WaitsFor::Deliveries
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Destination;
    use crate::model::delivery::{CodeForm, CodeRoute, DeliveryState, DiscForm};
    use crate::model::link::{Rights, Tries};

    fn going(destination: Destination) -> DeliveryProgress {
        let delivery = Delivery {
            id: "d1".into(),
            request: "r1".into(),
            recipient: "Jane Doe".into(),
            destination,
            code_route: CodeRoute::InPerson,
            code_route_confirmed_at: Some(1),
            state: DeliveryState::UnderWay,
            created_at: 1,
            changed_at: 1,
        };
        DeliveryProgress {
            delivery,
            link: None,
            is_refused: false,
            charge: None,
            discs: None,
            shipment: None,
        }
    }

    fn by_link(has_code: bool) -> DeliveryProgress {
        let link = LinkGrant {
            id: "g1".into(),
            request: "r1".into(),
            delivery: "d1".into(),
            shared_from: None,
            package: "p1".into(),
            recipient: "Jane Doe".into(),
            language: "en".into(),
            rights: Rights::default(),
            has_code,
            tries: Tries { wrong: 0, next_at: 0 },
            state: LinkState::Active { until: 9 },
            created_at: 1,
        };
        DeliveryProgress { link: Some(link), ..going(Destination::link(None)) }
    }

    fn at_the_desk(set: Option<SetState>) -> DeliveryProgress {
        let disc = DiscForm::Sealed { code: CodeForm::Words };
        DeliveryProgress { discs: set.map(|set| (set, Vec::new())), ..going(Destination::Desk { disc }) }
    }

    fn waits(is_frozen: bool, deliveries: Vec<DeliveryProgress>) -> WaitsFor {
        Progress { deliveries, is_frozen, stopped: Vec::new() }.waits_for()
    }

    #[test]
    fn what_a_person_can_do_comes_before_what_goes_by_itself() {
        assert_eq!(waits(true, Vec::new()), WaitsFor::DeliveryChoice);
        assert_eq!(waits(false, vec![by_link(false)]), WaitsFor::Package);
        assert_eq!(waits(true, vec![by_link(false)]), WaitsFor::AccessCode);
        assert_eq!(waits(true, vec![by_link(true)]), WaitsFor::Deliveries);
        assert_eq!(waits(true, vec![at_the_desk(None)]), WaitsFor::Discs);
        assert_eq!(waits(true, vec![at_the_desk(Some(SetState::Open))]), WaitsFor::Discs);
        assert_eq!(waits(true, vec![at_the_desk(Some(SetState::Packed))]), WaitsFor::Deliveries);
        assert_eq!(waits(true, vec![by_link(true), at_the_desk(None), by_link(false)]), WaitsFor::AccessCode);
        let mut unsure = by_link(false);
        unsure.delivery.code_route_confirmed_at = None;
        assert_eq!(waits(true, vec![by_link(false), unsure]), WaitsFor::CodeRoute);
    }
}
