//! A link: given out once, mailed if there is an address, done when the recipient has both halves of the key.

use super::{NotAdvanced, Step};
use crate::desk::link;
use crate::model::link::LinkState;
use crate::model::{Delivery, Destination, LinkGrant, NewLinkGrant, Package, Rights};
use crate::notify::messages::Office;
use crate::store::{links, messages};

const DAY_MS: i64 = 86_400_000;

impl Step<'_> {
    pub(super) async fn send_link(
        &mut self,
        delivery: &Delivery,
        package: &Package,
    ) -> Result<(), NotAdvanced> {
        if self.grant_of(delivery).await?.is_some() {
            return Ok(());
        }
        let means = self.means();
        let until = self.now_ms + i64::from(self.all.link_days) * DAY_MS;
        let grant = NewLinkGrant {
            request: delivery.request.clone(),
            delivery: delivery.id.clone(),
            shared_from: None,
            package: package.id.clone(),
            recipient: delivery.recipient.clone(),
            language: self.request.language.clone(),
            rights: Rights { view: true, download: true, share: true },
            until,
        };
        let grant = link::prepare(&mut self.tx, &means, &grant).await?;
        let Destination::Link { email: Some(to) } = &delivery.destination else {
            // Entered by the request's number: nobody needs the token.
            link::activate(&mut self.tx, &means, self.who, &grant).await?;
            return Ok(());
        };
        let office = Office { site: self.site, pages: self.all.url.as_str() };
        link::send(&mut self.tx, &means, self.who, &grant, (office, to)).await?;
        Ok(())
    }

    /// Whether the link has left and its access code was issued.
    pub(super) async fn has_link(&mut self, delivery: &Delivery) -> Result<bool, NotAdvanced> {
        let Some(grant) = self.grant_of(delivery).await? else { return Ok(false) };
        let waiting = messages::is_waiting_for_grant(&mut self.tx, &grant.id).await?;
        Ok(grant.has_code && !waiting && !matches!(grant.state, LinkState::Prepared { .. }))
    }

    pub(super) async fn grant_of(&mut self, delivery: &Delivery) -> Result<Option<LinkGrant>, NotAdvanced> {
        let all = links::of_request(&mut self.tx, &delivery.request).await?;
        Ok(all.into_iter().find(|grant| grant.delivery == delivery.id && grant.shared_from.is_none()))
    }
}
