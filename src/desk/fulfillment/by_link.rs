//! A link: given out once, mailed if there is an address, done when the recipient has both halves of the key.

use super::{NotAdvanced, Step};
use crate::clock::DAY_MS;
use crate::desk::link;
use crate::model::link::LinkState;
use crate::model::{Delivery, Destination, LinkGrant, MessageState, NewLinkGrant, Package};
use crate::notify::messages::Office;
use crate::store::{links, messages};

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
        let Destination::Link { email, rights, good_for_days } = &delivery.destination else { return Ok(()) };
        let until = self.now_ms + i64::from(good_for_days.unwrap_or(self.all.link_days)) * DAY_MS;
        let grant = NewLinkGrant {
            request: delivery.request.clone(),
            delivery: delivery.id.clone(),
            shared_from: None,
            package: package.id.clone(),
            recipient: delivery.recipient.clone(),
            language: self.request.language.clone(),
            rights: *rights,
            until,
        };
        let grant = link::prepare(&mut self.tx, &means, &grant).await?;
        let Some(to) = email else {
            // Entered by the request's number: nobody needs the token.
            link::activate(&mut self.tx, &means, self.who, &grant).await?;
            return Ok(());
        };
        let office = Office { site: self.site, pages: self.all.url.as_str() };
        link::send(&mut self.tx, &means, self.who, &grant, (office, to)).await?;
        Ok(())
    }

    /// Whether the link has left and its access code was issued. One that goes on paper has no mail.
    pub(super) async fn has_link(&mut self, delivery: &Delivery) -> Result<bool, NotAdvanced> {
        let Some(grant) = self.grant_of(delivery).await? else { return Ok(false) };
        let mail = messages::latest_of_grant(&mut self.tx, &grant.id).await?;
        let has_left = mail.is_none_or(|mail| matches!(mail.state, MessageState::Sent { .. }));
        Ok(grant.has_code && has_left && !matches!(grant.state, LinkState::Prepared { .. }))
    }

    pub(super) async fn grant_of(&mut self, delivery: &Delivery) -> Result<Option<LinkGrant>, NotAdvanced> {
        let all = links::of_request(&mut self.tx, &delivery.request).await?;
        Ok(all.into_iter().find(|grant| grant.delivery == delivery.id && grant.shared_from.is_none()))
    }
}
