//! Who labels and packs discs, and gives parcels to the courier.

use super::People;
use burn_queue::{DiscState, Scanned};
use filmroom::delivery::disc::{self, BoardDisc, By};
use filmroom::desk::shipping::{self, ShipmentDeed, act_on_shipment};
use filmroom::store::{deliveries, discs, shipments};
use imaging::archive::digest;

impl People {
    /// The first of what lies there is labelled, packed, or decided about.
    pub(super) fn handle_discs(&self) {
        let board = self.look(disc::board(&self.house.db)).unwrap();
        if let Some(lost) = board.unresolved.first() {
            self.decide(lost);
        } else if let Some(verified) = board.to_label.first() {
            self.label(verified);
        } else if let Some(labelled) = board.to_pack.first() {
            self.pack(labelled);
        }
    }

    /// Puts the label on the disc that came out of the drive, which must be there and be right.
    fn label(&self, verified: &BoardDisc) {
        let (disc, _) = self.look(discs::by_code(&self.house.db, verified.code)).unwrap().unwrap();
        let DiscState::Verified(attempt) = &disc.state else { panic!("it was on the board as verified") };
        let made = self.station.made((disc.code, attempt.number));
        let made = made.unwrap_or_else(|| panic!("{} was verified and is nowhere", disc.code));
        let sha256 = digest(&mut made.as_slice(), 0).unwrap().sha256;
        let wanted = disc.image.sha256().to_string();
        assert_eq!(filmroom::hex::hex(&sha256), wanted, "{} is not what it should be", disc.code);
        self.press(&self.one, async |tx, acting| {
            let by = By { actor: &acting.who.actor(), chance: acting.chance };
            Ok(disc::label(tx, disc.code, by).await?)
        });
    }

    /// Now and then into the wrong envelope, which the codes do not let happen.
    fn pack(&self, labelled: &BoardDisc) {
        let [disc, paper, envelope] =
            [labelled.code, labelled.paper, labelled.envelope].map(|code| code.to_string());
        let wrong = self.house.luck.fault(4, "wrong envelope");
        let envelope = if wrong { &paper } else { &envelope };
        let scanned = Scanned { disc: &disc, paper: &paper, envelope };
        let packs = async |tx: &mut _, acting: &filmroom::desk::Acting<'_>| {
            let by = By { actor: &acting.who.actor(), chance: acting.chance };
            disc::pack(tx, &scanned, by).await?;
            Ok(())
        };
        if wrong {
            let answer = self.ask(&self.one, &packs);
            assert!(answer.is_none_or(|answer| answer.is_err()), "it was packed into the wrong envelope");
        } else {
            self.press(&self.one, packs);
        }
    }

    /// Decides what nobody knows, if the station does not come back to say.
    fn decide(&self, lost: &BoardDisc) {
        if self.below(4) > 0 {
            return;
        }
        let (disc, _) = self.look(discs::by_code(&self.house.db, lost.code)).unwrap().unwrap();
        let DiscState::Unresolved { attempt, .. } = &disc.state else { panic!("it was on the board so") };
        let was_burned = self.station.was_burned((disc.code, attempt.number));
        self.house.luck.note(if was_burned { "written off" } else { "never burned" });
        self.press(&self.one, async |tx, acting| {
            let by = By { actor: &acting.who.actor(), chance: acting.chance };
            if was_burned {
                Ok(disc::spoil(tx, disc.code, "nobody knows", by).await?)
            } else {
                Ok(disc::resolve(tx, disc.code, "the blank is still blank", by).await?)
            }
        });
    }

    /// Gives a labelled parcel to the courier; or tries, before it may go.
    pub(super) fn ship(&self) {
        let board = self.look(shipping::board(&self.house.db, &self.acting(&self.one), &self.house.site));
        let board = board.unwrap();
        let early = board.to_send.first().filter(|_| self.house.luck.fault(4, "tendered without a label"));
        let Some(line) = board.to_tender.first().or(early) else { return };
        let may_go = early.is_none() && self.look(self.has_code_route(&line.id));
        let tenders = async |tx: &mut _, acting: &filmroom::desk::Acting<'_>| {
            Ok(act_on_shipment(tx, acting, &line.id, ShipmentDeed::Tender).await?)
        };
        if may_go {
            self.press(&self.one, tenders);
        } else {
            self.house.luck.note("tendered too early");
            let answer = self.ask(&self.one, &tenders);
            assert!(answer.is_none_or(|answer| answer.is_err()), "it left too early");
        }
    }

    async fn has_code_route(&self, shipment: &str) -> bool {
        let shipment = shipments::get(&self.house.db, shipment).await.unwrap().unwrap();
        let delivery = deliveries::get(&self.house.db, &shipment.delivery).await.unwrap().unwrap();
        delivery.code_route_confirmed_at.is_some()
    }
}
