//! The desk at work: the jobs that fulfil requests, and the pages and interfaces of it all.

use super::library::{Library, s3_settings};
use super::mailing::mailer;
use super::parcels::{handlers as parcel_handlers, parcels};
use crate::config::{LinkDelivery, PublicUrl};
use crate::delivery::disc::LapseLeases;
use crate::delivery::label::Parcels;
use crate::desk::fulfillment::AdvanceRequest;
use crate::desk::package::hand_over::HandOverPackage;
use crate::desk::package::{FreezePackage, Institute};
use crate::desk::people::Passwords;
use crate::desk::pictures::Pictures;
use crate::desk::seal::{self, PrepareDiscs};
use crate::jobs::{Bell, Handler, Worker};
use crate::model::Site;
use crate::notify::outbox::SendMessage;
use crate::store::blob::s3::HandOverBucket;
use crate::web::api::image::{Bytes, ImageError};
use crate::web::api::problem;
use crate::web::api::station::{self, DiscImages, Stations};
use crate::web::patient::package::PackageSender;
use crate::web::plumbing::House;
use crate::web::{api, billing, patient, plumbing, staff};
use crate::words::in_words;
use anyhow::Context;
use axum::Router;
use axum::middleware::from_fn;
use imaging::package::Institution;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Requests moved on at a time. Each is short but for packages and discs, which the blob store bounds.
const AT_ONCE: usize = 4;

/// The desk, with everything it works with.
pub struct Desk {
    library: Library,
    parcels: Parcels,
    site: Arc<Site>,
    sites: Arc<BTreeMap<String, Arc<Site>>>,
    url: PublicUrl,
    bucket: Option<HandOverBucket>,
}

/// Its background work.
pub(super) struct Working {
    worker: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Desk {
    /// Sets it up as it is configured. `url` is where its pages are reached.
    ///
    /// # Errors
    /// If a site, the carrier or an object store cannot be set up as configured.
    pub fn new(library: Library, url: PublicUrl) -> anyhow::Result<Self> {
        let parcels = parcels(&library)?;
        Self::with(library, parcels, url)
    }

    /// Sets it up with who takes its parcels.
    ///
    /// # Errors
    /// If there is no site, or an object store cannot be set up as configured.
    pub fn with(library: Library, parcels: Parcels, url: PublicUrl) -> anyhow::Result<Self> {
        let each = parcels.sites.iter();
        let sites: BTreeMap<_, _> = each.map(|(id, site)| (id.clone(), Arc::new(site.clone()))).collect();
        let site = sites.get(library.config.site.first()).context("no site is configured")?;
        let (site, bucket) = (Arc::clone(site), bucket(&library)?);
        Ok(Self { library, parcels, site, sites: Arc::new(sites), url, bucket })
    }

    /// Begins the work that nobody waits for on a page.
    pub(super) fn begin(&self, bell: &Bell) -> anyhow::Result<Working> {
        let (stop, stopped) = watch::channel(false);
        let worker = self.worker()?;
        Ok(Working { worker: tokio::spawn(worker.woken_by(bell.clone()).run(stopped)), stop })
    }

    /// What does its jobs.
    ///
    /// # Errors
    /// If the fee or the mailer cannot be set up as configured.
    pub fn worker(&self) -> anyhow::Result<Worker> {
        let db = self.library.db.clone();
        Ok(Worker::new(db, "desk", Vec::new(), self.handlers()?, AT_ONCE).at(self.library.pace()))
    }

    /// Every page and interface.
    pub(super) fn pages(&self) -> anyhow::Result<Router> {
        let Library { config, db, blobs, keys, clock, chance } = self.library.clone();
        let pictures = Arc::new(Pictures::new(db.clone(), Arc::clone(&blobs), Arc::clone(&keys)));
        let house = House {
            url: self.url.clone(),
            trusted_proxies: config.http.trusted_proxies.clone().into(),
            site: Arc::clone(&self.site),
            sites: Arc::clone(&self.sites),
            chance: Arc::clone(&chance),
        };
        let means = staff::Means {
            house: house.clone(),
            db: db.clone(),
            clock: Arc::clone(&clock),
            keys: Arc::clone(&keys),
            passwords: Arc::new(Passwords::default()),
            pictures: thumbnails(&pictures),
            parcels: self.parcels.clone(),
            fee: config.fee.resolve()?,
        };
        let sender = PackageSender {
            db: db.clone(),
            blobs,
            keys,
            clock: Arc::clone(&clock),
            chance: Arc::clone(&chance),
            bucket: self.bucket.clone(),
        };
        let patients =
            patient::Means { house: house.clone(), sender, parcels: self.parcels.clone(), pictures };
        let programs = api::Means {
            db,
            clock,
            chance: Arc::clone(&chance),
            zone: self.site.zone.clone(),
            site: Arc::from(self.site.id.as_str()),
            parcels: self.parcels.clone(),
        };
        let stations = Stations {
            means: programs.clone(),
            images: self.disc_images(),
            lease_ms: config.stations.lease_seconds.saturating_mul(1_000),
        };
        let pages = staff::routes(means.clone())
            .merge(billing::routes(means))
            .merge(patient::routes(patients))
            .merge(api::routes(programs))
            .merge(station::routes(stations));
        Ok(plumbing::dressed(pages, house).layer(from_fn(problem::explain)))
    }

    fn handlers(&self) -> anyhow::Result<Vec<Arc<dyn Handler>>> {
        let Library { config, db, blobs, keys, clock, chance } = self.library.clone();
        let institute = self.institute();
        let mut handlers = parcel_handlers(&self.parcels);
        handlers.push(Arc::new(AdvanceRequest {
            db: db.clone(),
            keys: Arc::clone(&keys),
            clock: Arc::clone(&clock),
            chance: Arc::clone(&chance),
            parcels: self.parcels.clone(),
            fee: config.fee.resolve()?,
            url: self.url.clone(),
            link_days: config.links.good_for_days,
        }));
        handlers.push(Arc::new(FreezePackage {
            db: db.clone(),
            blobs: Arc::clone(&blobs),
            keys: Arc::clone(&keys),
            clock: Arc::clone(&clock),
            chance: Arc::clone(&chance),
            institute: institute.clone(),
            handed_over: self.bucket.is_some(),
        }));
        handlers.push(Arc::new(PrepareDiscs {
            db: db.clone(),
            blobs: Arc::clone(&blobs),
            keys: Arc::clone(&keys),
            clock: Arc::clone(&clock),
            chance: Arc::clone(&chance),
            institute,
            largest_medium: config.discs.largest_medium,
        }));
        handlers.push(Arc::new(LapseLeases { db: db.clone(), chance: Arc::clone(&chance) }));
        if let Some(bucket) = self.bucket.clone() {
            let (db, keys, chance) = (db.clone(), Arc::clone(&keys), Arc::clone(&chance));
            handlers.push(Arc::new(HandOverPackage { db, blobs, keys, bucket, chance }));
        }
        let mailer = mailer(&config)?;
        handlers.push(Arc::new(SendMessage { db, keys, mailer, clock, chance }));
        Ok(handlers)
    }

    fn institute(&self) -> Institute {
        let Site { name, phone, hours, .. } = &*self.site;
        let contact = vec![format!("{phone} ({hours})")];
        let institution = Institution { name: name.clone(), contact };
        Institute { zone: self.site.zone.clone(), institution: Some(Arc::new(institution)) }
    }

    /// What makes the images that stations burn.
    #[must_use]
    pub fn disc_images(&self) -> DiscImages {
        let Library { db, blobs, keys, .. } = self.library.clone();
        Arc::new(move |disc, set| {
            let (db, blobs, keys) = (db.clone(), Arc::clone(&blobs), Arc::clone(&keys));
            Box::pin(async move {
                let unmade = |error: &dyn std::error::Error| ImageError::Unmade(in_words(error));
                let image = seal::open(&db, &blobs, &keys, (&set.seal, disc.place.number()))
                    .await
                    .map_err(|error| unmade(&error))?;
                Ok(Arc::new(Image(image)) as Arc<dyn Bytes>)
            })
        })
    }
}

impl Working {
    /// Ends it after what it is doing.
    pub(super) async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.worker.await {
            tracing::error!(%error, "the desk's worker did not end well");
        }
    }
}

/// Small pictures for the staff.
fn thumbnails(pictures: &Arc<Pictures>) -> staff::Pictures {
    let pictures = Arc::clone(pictures);
    Arc::new(move |study| {
        let pictures = Arc::clone(&pictures);
        Box::pin(async move {
            let picture = pictures.of_study(&study).await?;
            Some(staff::Picture { kind: picture.format.media_type(), bytes: picture.bytes.clone() })
        })
    })
}

struct Image(seal::DiscBytes);

impl Bytes for Image {
    fn range(&self, bytes: Range<u64>) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(self.0.range(bytes)?))
    }
}

/// Where packages are fetched from, if they are not sent through us.
fn bucket(library: &Library) -> anyhow::Result<Option<HandOverBucket>> {
    let config = &library.config;
    if config.links.delivery == LinkDelivery::Through {
        return Ok(None);
    }
    let s3 = config.blobs.s3.as_ref().context("links.delivery = \"presigned\" needs [blobs.s3]")?;
    let name = s3
        .packages_bucket
        .as_deref()
        .context("links.delivery = \"presigned\" needs blobs.s3.packages_bucket")?;
    let settings = s3_settings(s3, name)?;
    let bucket = HandOverBucket::new(&settings, Handle::current());
    tokio::spawn(warn_of_packages_that_stay(bucket.clone()));
    Ok(Some(bucket))
}

/// Packages in their bucket are not sealed by us, so they must not lie there for long.
async fn warn_of_packages_that_stay(bucket: HandOverBucket) {
    if bucket.expires().await == Some(false) {
        tracing::warn!(
            "blobs.s3.packages_bucket has no lifecycle rule that lets packages expire: give it one of a day"
        );
    }
}
