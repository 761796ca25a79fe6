//! One request by each delivery, from its letter to its end, each step by who would take it.

use super::staff::{Team, acting};
use crate::app::Library;
use crate::cli::station;
use crate::config::Config;
use crate::delivery::disc;
use crate::delivery::label::Parcels;
use crate::delivery::shipment::{self, Counter, Now};
use crate::desk::request::{
    NewDelivery, NewRequest, approve, check_delivery, check_patient, choose_delivery, choose_study,
    compare_patients, confirm_code_route, submit, verify_identity,
};
use crate::desk::{link, seal};
use crate::means::Means;
use crate::model::delivery::{CodeForm, CodeRoute, DiscForm, PostalAddress};
use crate::model::disc::SetState;
use crate::model::request::{
    Basis, Capacity, GivenPatient, IdentitySeen, Received, ReceivedBy, Requester, Standing,
};
use crate::model::{
    Charge, Delivery, DeliveryState, Destination, PaidBy, Progress, ReleaseRequest, Role, Shipment, Site,
    StudySummary, Way,
};
use crate::money::{Clerk, fee};
use crate::store::{charges, deliveries, discs, links, requests, shipments};
use crate::web::plumbing::show;
use anyhow::{Context, bail};
use burn_queue::{DiscState, Scanned};
use jiff::civil::Date;
use serde::Serialize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A step that somebody waits for should take no longer.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What became of a request, as `--json` prints it.
#[derive(Serialize)]
pub(super) struct RequestTold {
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) delivery: &'static str,
    pub(super) state: String,
    pub(super) delivery_state: String,
    pub(super) link: Option<String>,
    pub(super) access_code: Option<String>,
    pub(super) birth_date: String,
    pub(super) disc_image: Option<PathBuf>,
    pub(super) passphrase: Option<String>,
    pub(super) tracking_number: Option<String>,
    pub(super) charge_state: Option<String>,
}

/// The desk, working.
pub(super) struct Desk<'a> {
    pub(super) library: &'a Library,
    pub(super) site: Site,
    pub(super) parcels: Parcels,
    pub(super) team: &'a Team,
    /// Where the service's pages are.
    pub(super) server: String,
    /// Where mail is written to, and discs.
    pub(super) data: PathBuf,
}

impl Desk<'_> {
    /// A request for `study` is taken in, approved and delivered by `way`.
    pub(super) async fn carry(&self, study: &StudySummary, way: Way) -> anyhow::Result<RequestTold> {
        let (request, delivery) = self.approve(study, way).await?;
        let mut told = RequestTold {
            id: request.id.clone(),
            reference: request.reference.to_string(),
            delivery: way.as_str(),
            state: String::new(),
            delivery_state: String::new(),
            link: None,
            access_code: None,
            birth_date: request.patient.birth_date.to_string(),
            disc_image: None,
            passphrase: None,
            tracking_number: None,
            charge_state: None,
        };
        match way {
            Way::Link => self.link(&request, &delivery, &mut told).await?,
            Way::Mail | Way::FedEx | Way::Desk => self.disc(&delivery, &mut told).await?,
        }
        let delivery =
            deliveries::get(&self.library.db, &delivery.id).await?.context("the delivery is gone")?;
        let request = requests::get(&self.library.db, &request.id).await?.context("the request is gone")?;
        told.state = request.state.as_str().to_owned();
        told.delivery_state = delivery.state.as_str().to_owned();
        Ok(told)
    }

    async fn approve(&self, study: &StudySummary, way: Way) -> anyhow::Result<(ReleaseRequest, Delivery)> {
        let acting = acting(self.library, self.team.who(Role::Release), &self.site);
        let name = show::name(&study.patient.name);
        let new = NewRequest {
            id: None,
            site: self.site.id.clone(),
            received: Received { on: acting.today, by: ReceivedBy::Counter },
            requester: Requester {
                name: name.clone(),
                capacity: Capacity::Patient,
                email: Some("patient@example.org".into()),
                phone: Some("602-555-0142".into()),
            },
            patient: GivenPatient {
                name: name.clone(),
                birth_date: birth_date(&study.patient.birth_date)?,
                patient_id: Some(study.patient.patient_id.clone()),
            },
            wish: format!("My images: {}", study.description),
            language: "en".into(),
        };
        let delivery = NewDelivery {
            recipient: name,
            destination: destination(way),
            code_route: CodeRoute::InPerson,
            address_reason: None,
        };
        let delivery = check_delivery(&self.parcels, &acting, &self.site, delivery).await?;
        let mut tx = self.library.db.begin().await?;
        let request = submit(&mut tx, &acting, new).await?;
        let id = request.id.as_str();
        verify_identity(&mut tx, &acting, id, IdentitySeen::PhotoId).await?;
        choose_study(&mut tx, &acting, id, &study.id, Standing::Released).await?;
        let scope = requests::scope(&mut tx, id).await?;
        for compared in compare_patients(&mut tx, &request, &scope).await? {
            let fingerprint = compared.check.fingerprint();
            let reason = compared.check.differs().then_some("seen at the counter: the same person");
            check_patient(&mut tx, &acting, id, &compared.study.id, &fingerprint, reason).await?;
        }
        let delivery = choose_delivery(&mut tx, &acting, id, delivery).await?;
        approve(&mut tx, &acting, id, Basis::PatientAccess { representation: None }).await?;
        tx.commit().await?;
        Ok((request, delivery))
    }

    /// The link comes by mail; its access code is handed over at the counter.
    async fn link(
        &self,
        request: &ReleaseRequest,
        delivery: &Delivery,
        told: &mut RequestTold,
    ) -> anyhow::Result<()> {
        let grant = self
            .until("the link is given out", async || {
                let all = links::of_request(&self.library.db, &request.id).await?;
                Ok(all.into_iter().find(|grant| grant.delivery == delivery.id))
            })
            .await?;
        let who = self.team.who(Role::Release);
        let mut tx = self.library.db.begin().await?;
        let code =
            link::issue_code(&mut tx, &self.means(), who, &grant.id, request.patient.birth_date).await?;
        tx.commit().await?;
        told.access_code = Some(code.reveal());
        told.link = Some(
            self.until("the mail with the link is sent", async || Ok(self.mailed_link(&told.reference)?))
                .await?,
        );
        self.done(&delivery.id).await
    }

    /// The link in the mail about this request, as its recipient finds it.
    fn mailed_link(&self, reference: &str) -> std::io::Result<Option<String>> {
        let Ok(folder) = std::fs::read_dir(self.data.join("mail")) else { return Ok(None) };
        for entry in folder {
            let mail = std::fs::read_to_string(entry?.path())?.replace("=\r\n", "").replace("=3D", "=");
            let link = mail.lines().find(|line| line.starts_with(&format!("{}/l/", self.server)));
            if let Some(link) = link.filter(|_| mail.contains(reference)) {
                return Ok(Some(link.trim().to_owned()));
            }
        }
        Ok(None)
    }

    /// A disc is paid for where it costs something, burned, packed, and sent or handed over.
    async fn disc(&self, delivery: &Delivery, told: &mut RequestTold) -> anyhow::Result<()> {
        if delivery.way() == Way::FedEx {
            self.collect(&delivery.id).await?;
        }
        self.until("its disc is queued", async || {
            Ok(discs::set_of_delivery(&self.library.db, &delivery.id).await?)
        })
        .await?;
        told.disc_image = Some(self.burn(&delivery.id).await?);
        let acting = acting(self.library, self.team.who(Role::Release), &self.site);
        let mut tx = self.library.db.begin().await?;
        let code = seal::show_code(&mut tx, &acting, &self.library.keys, &delivery.id).await?;
        told.passphrase = code.map(|code| code.reveal().to_owned());
        confirm_code_route(&mut tx, &acting, &delivery.id).await?;
        tx.commit().await?;
        self.send(delivery, told).await
    }

    async fn collect(&self, delivery: &str) -> anyhow::Result<Charge> {
        let charge = self
            .until("its fee is due", async || {
                let charge = charges::of_delivery(&self.library.db, delivery).await?;
                Ok(charge.filter(|charge| charge.state.as_str() == "open"))
            })
            .await?;
        let actor = self.team.who(Role::Billing).actor();
        let now_ms = self.library.clock.now_ms();
        let clerk = Clerk { site: &self.site, actor: &actor, now_ms, chance: &*self.library.chance };
        let mut tx = self.library.db.begin().await?;
        let receipt = format!("R-{}", &charge.id[charge.id.len() - 6..]);
        let charge = fee::collect(&mut tx, &clerk, &charge.id, PaidBy::Card, &receipt).await?;
        tx.commit().await?;
        Ok(charge)
    }

    /// The station burns and verifies; a person labels and packs. Where the burned image lies.
    async fn burn(&self, delivery: &str) -> anyhow::Result<PathBuf> {
        let folder = self.data.join("burned");
        let mut config = Config::clone(&self.library.config);
        config.data.0 = self.data.join("burn-desk");
        std::fs::create_dir_all(&config.data.0)?;
        station::burn_once(config, &self.server, &folder, &self.team.station_token).await?;
        let db = &self.library.db;
        let set = discs::set_of_delivery(db, delivery).await?.context("its discs are gone")?;
        let all = discs::of_set(db, &set.id).await?;
        let good = all.iter().find(|disc| matches!(disc.state, DiscState::Verified(_)));
        let code = good.context("no disc of it was verified")?.code;
        let actor = self.team.who(Role::Burn).actor();
        let by = disc::By { actor: &actor, chance: &*self.library.chance };
        let [disc_code, paper, envelope] =
            [code, set.paper_code(), set.envelope_code()].map(|code| code.to_string());
        let mut tx = db.begin().await?;
        disc::label(&mut tx, code, by).await?;
        let scanned = Scanned { disc: &disc_code, paper: &paper, envelope: &envelope };
        disc::pack(&mut tx, &scanned, by).await?;
        tx.commit().await?;
        let set = discs::set_of_delivery(db, delivery).await?.context("its discs are gone")?;
        if set.state != SetState::Packed {
            bail!("its discs are not all packed");
        }
        Ok(folder.join(format!("{code}.iso")))
    }

    async fn send(&self, delivery: &Delivery, told: &mut RequestTold) -> anyhow::Result<()> {
        let shipment = self.shipment(&delivery.id).await?;
        let actor = self.team.who(Role::Release).actor();
        let now = || Now { ms: self.library.clock.now_ms(), chance: &*self.library.chance, actor: &actor };
        match delivery.way() {
            Way::FedEx => {
                self.until("it has a label", async || {
                    let shipment = self.shipment(&delivery.id).await?;
                    Ok((shipment.progress.state() == "labelled").then_some(()))
                })
                .await?;
                let mut tx = self.library.db.begin().await?;
                let sent = shipment::tender(&mut tx, now(), &shipment.id).await?;
                tx.commit().await?;
                told.tracking_number = tracking_number(&sent);
                self.done(&delivery.id).await?;
                let charge = charges::of_delivery(&self.library.db, &delivery.id).await?;
                told.charge_state = charge.map(|charge| charge.state.as_str().to_owned());
            }
            Way::Mail => {
                let mut tx = self.library.db.begin().await?;
                shipment::mail(&mut tx, now(), &shipment.id).await?;
                tx.commit().await?;
                self.done(&delivery.id).await?;
            }
            Way::Desk => {
                let mut tx = self.library.db.begin().await?;
                let counter =
                    Counter { to: &delivery.recipient, id_seen: "driver's license", signature: "S-1" };
                shipment::hand_over(&mut tx, now(), &shipment.id, counter).await?;
                tx.commit().await?;
                self.done(&delivery.id).await?;
            }
            Way::Link => {}
        }
        Ok(())
    }

    async fn shipment(&self, delivery: &str) -> anyhow::Result<Shipment> {
        let all = shipments::of_delivery(&self.library.db, delivery).await?;
        all.into_iter().next_back().context("it has no shipment")
    }

    async fn done(&self, delivery: &str) -> anyhow::Result<()> {
        self.until("it reaches its recipient", async || {
            let delivery = deliveries::get(&self.library.db, delivery).await?;
            let done = |delivery: &Delivery| matches!(delivery.state, DeliveryState::Done { .. });
            Ok(delivery.filter(done).map(drop))
        })
        .await
    }

    fn means(&self) -> Means<'_> {
        let Library { keys, chance, clock, .. } = self.library;
        Means { keys, chance: &**chance, now_ms: clock.now_ms() }
    }

    /// Waits for what the service does by itself.
    async fn until<T>(
        &self,
        what: &str,
        look: impl AsyncFn() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if begun.elapsed() > PATIENCE {
                bail!("this took too long: {what}");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

fn tracking_number(shipment: &Shipment) -> Option<String> {
    let Progress::Carrier(_, state) = &shipment.progress else { return None };
    state.label().map(|label| label.tracking_number.clone())
}

fn birth_date(dicom: &str) -> anyhow::Result<Date> {
    Date::strptime("%Y%m%d", dicom).context("the sample patient has a birth date")
}

fn destination(way: Way) -> Destination {
    let address = PostalAddress {
        lines: vec!["742 Evergreen Terrace".into()],
        city: "Phoenix".into(),
        state: "AZ".into(),
        zip: "85004".into(),
    };
    let disc = DiscForm::Sealed { code: CodeForm::Words };
    match way {
        Way::Link => Destination::link(Some("patient@example.org".into())),
        Way::Mail => Destination::Mail { address, disc },
        Way::FedEx => Destination::FedEx { address, phone: "602-555-0142".into(), disc },
        Way::Desk => Destination::Desk { disc },
    }
}
