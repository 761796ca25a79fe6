//! The house in which it all happens: the service, which dies and is started again on the same database, and whatever
//! outlives it.

use crate::line::Line;
use crate::luck::Luck;
use crate::template::Template;
use filmroom::app::{Desk, Library, custody, key_file, parcels};
use filmroom::audit::Sealer;
use filmroom::clock::{Clock, ManualClock};
use filmroom::config::{Config, PublicUrl};
use filmroom::delivery::label::Parcels;
use filmroom::jobs::Worker;
use filmroom::model::Site;
use filmroom::store::blob::LocalBlobs;
use filmroom::store::db::{DatabaseUrl, Db};
use filmroom::web::api::station::DiscImages;
use imaging::chance::{Chance, SeededChance};
use imaging::disk::HostDisk;
use imaging::seal::MasterKeys;
use jiff::civil::Date;
use std::cell::RefCell;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// Monday, November 2, 2026, 9 o'clock in Phoenix.
const BEGINS_MS: i64 = 1_793_635_200_000;

pub struct House {
    pub luck: Arc<Luck>,
    pub clock: Arc<ManualClock>,
    pub chance: Arc<dyn Chance>,
    pub site: Site,
    /// What is committed, whoever is alive: people's eyes, and the carrier's own books.
    pub db: Db,
    pub runtime: Runtime,
    config: Arc<Config>,
    blobs: Arc<LocalBlobs>,
    keys: Arc<MasterKeys>,
    running: RefCell<Option<Service>>,
    _folder: tempfile::TempDir,
}

/// The service's process: everything that goes when it dies.
pub struct Service {
    pub db: Db,
    pub parcels: Parcels,
    pub worker: Worker,
    pub images: DiscImages,
    pub sealer: Sealer,
    pub signed_on: RefCell<Option<Date>>,
}

impl House {
    pub fn build(template: &Template, seed: u64) -> Self {
        let folder = temporary();
        let config = Arc::new(template.copy_to(folder.path()));
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::new(BEGINS_MS));
        let keys = Arc::new(custody::read(&key_file(&config)).unwrap());
        let blobs = Arc::new(LocalBlobs::new(Arc::new(HostDisk::new(folder.path()).unwrap())).unwrap());
        Self {
            luck: Arc::new(Luck::of(seed)),
            chance: Arc::new(SeededChance::new(!seed)),
            site: config.site.resolve().unwrap().into_values().next().unwrap(),
            db: runtime.block_on(open(&config, &clock)),
            clock,
            runtime,
            config,
            blobs,
            keys,
            running: RefCell::default(),
            _folder: folder,
        }
    }

    /// Has the service do something; nothing if it died over it.
    pub fn serve<T>(&self, work: impl AsyncFnOnce(&Service) -> T) -> Option<T> {
        let service = self.running.borrow_mut().take();
        let service = service.unwrap_or_else(|| self.runtime.block_on(self.start()));
        let done = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.luck.death() => None,
                done = work(&service) => Some(done),
            }
        });
        if done.is_some() {
            self.running.replace(Some(service));
        } else {
            self.clock.advance(5_000);
            self.runtime.block_on(service.vanish());
        }
        done
    }

    async fn start(&self) -> Service {
        let db = open(&self.config, &self.clock).await.with_fate(self.luck.clone());
        let library = self.library(db.clone());
        let mut parcels = parcels::parcels(&self.library(self.db.clone())).unwrap();
        let (carrier, luck, clock) = (parcels.carrier, self.luck.clone(), self.clock.clone());
        parcels.carrier = Arc::new(Line { carrier, luck, clock });
        parcels.db = db.clone();
        let url = PublicUrl::try_from("http://images.example.org".to_owned()).unwrap();
        let sealer = library.sealer();
        let desk = Desk::with(library, parcels.clone(), url).unwrap();
        let (worker, images) = (desk.worker().unwrap(), desk.disc_images());
        Service { db, parcels, worker, images, sealer, signed_on: RefCell::default() }
    }

    /// The library over a database.
    pub fn library(&self, db: Db) -> Library {
        Library {
            config: self.config.clone(),
            db,
            blobs: self.blobs.clone(),
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
        }
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

impl Service {
    /// What it held of the database is let go, as it is when a process dies.
    async fn vanish(self) {
        let Self { db, parcels, worker, images, sealer, .. } = self;
        drop((parcels, worker, images, sealer));
        db.close().await;
    }
}

async fn open(config: &Config, clock: &Arc<ManualClock>) -> Db {
    let url = DatabaseUrl::Sqlite(config.data.database());
    Db::open(&url, clock.clone()).await.unwrap().with_clock(clock.clone())
}

/// In memory, if there is such a place: whether what is committed is durable is tried elsewhere.
fn temporary() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
