//! A desk with a request whose package is frozen and whose recipient has entered.

use crate::common::s3::{KEY_ID, S3Server, SECRET};
use crate::written::{SYNTAX, Written};
use burn_queue::Medium;
use filmroom::app::Serving;
use filmroom::config::{BlobsIn, Config, DataDir, ObjectStore, Secret};
use filmroom::desk::Who;
use filmroom::desk::link::{self, Caller, Entry, LinkSession, Outcome};
use filmroom::desk::package::hand_over::HandOverPackage;
use filmroom::desk::package::{FreezePackage, Institute};
use filmroom::desk::seal::PrepareDiscs;
use filmroom::ids::new_id;
use filmroom::jobs::{Handler, Pace, Worker, put};
use filmroom::means::Means;
use filmroom::model::delivery::{CodeRoute, DiscForm};
use filmroom::model::job::{freeze_package, prepare_discs};
use filmroom::model::request::{Capacity, GivenPatient, Received, ReceivedBy, Requester, Standing};
use filmroom::model::{
    Delivery, DeliveryState, Destination, DiscSeal, NewLinkGrant, Package, Reference, ReleaseRequest,
    RequestState, Rights, StudyFilter,
};
use filmroom::store::blob::S3Settings;
use filmroom::store::blob::s3::HandOverBucket;
use filmroom::store::db::Db;
use filmroom::store::{deliveries, disc_seals, packages, requests, studies};
use filmroom::web::patient::package::PackageSender;
use imaging::chance::OsChance;
use imaging::dimse::scu::{Scu, Timeouts};
use imaging::samples::SampleStudy;
use jiff::civil::date;
use jiff::tz::TimeZone;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

const YEAR_2100_MS: i64 = 4_102_444_800_000;
const PHONE: Caller<'_> = Caller { agent: "Mozilla/5.0 (iPhone)", address: "192.0.2.7" };

/// A running service with a release request and workers for packages.
pub struct Desk {
    pub serving: Serving,
    pub request: ReleaseRequest,
    pub delivery: Delivery,
    pub bucket: Option<HandOverBucket>,
    working: JoinHandle<()>,
    stop: watch::Sender<bool>,
    folder: TempDir,
}

impl Desk {
    /// Archives in the data directory, packages sent through.
    pub async fn new() -> Self {
        Self::with(None, None).await
    }

    /// Archives and packages in this server's buckets.
    pub async fn in_the_cloud(server: &S3Server) -> Self {
        Self::with(Some(server), None).await
    }

    /// The same, with rows in this PostgreSQL.
    pub async fn in_the_cloud_with(server: &S3Server, database: String) -> Self {
        Self::with(Some(server), Some(database)).await
    }

    async fn with(server: Option<&S3Server>, database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data: DataDir(folder.path().to_owned()), ..Config::default() };
        config.dimse.listen.set_port(0);
        config.http.listen.set_port(0);
        config.spool.segment_mib = 8;
        config.spool.prepared_segments = 1;
        config.spool.min_free_mib = 16;
        config.spool.min_free_percent = 0;
        // Nothing settles by itself while a test runs.
        config.settle.quiet_seconds = 3_600;
        config.database.url = database;
        if let Some(server) = server {
            config.blobs.store = BlobsIn::S3;
            config.blobs.s3 = Some(object_store(server));
        }
        let serving = Serving::begin(config).await.unwrap();
        let bucket = server.map(|server| HandOverBucket::new(&packages_bucket(server), Handle::current()));
        let (request, delivery) = asked_for(&serving.taking.library.db).await;
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn(worker(&serving, bucket.clone()).run(stopped));
        Self { serving, request, delivery, bucket, working, stop, folder }
    }

    pub fn db(&self) -> &Db {
        &self.serving.taking.library.db
    }

    fn means(&self) -> Means<'_> {
        let library = &self.serving.taking.library;
        Means { keys: &library.keys, chance: &*library.chance, now_ms: library.clock.now_ms() }
    }

    /// Sends these instances of a study by DIMSE and puts the study into what the request releases.
    pub async fn receive(&self, study: &SampleStudy, instances: Range<usize>) {
        self.receive_unasked(study, instances).await;
        let uid = Some(study.study_instance_uid.clone());
        let filter = StudyFilter { study_instance_uid: uid, limit: 1, ..StudyFilter::default() };
        let found = studies::list(self.db(), &filter).await.unwrap().remove(0);
        let mut tx = self.db().begin().await.unwrap();
        requests::choose(&mut tx, &self.request.id, &found.id, &Standing::Released, 5).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Sends these instances of a study by DIMSE, and nobody asks for it.
    pub async fn receive_unasked(&self, study: &SampleStudy, instances: Range<usize>) {
        let (to, sent) = (self.serving.dimse, study.clone());
        tokio::task::spawn_blocking(move || send(to, &sent, instances)).await.unwrap();
        self.serving.taking.indexer.flush().await;
    }

    /// Sends an instance that was put together by hand; its study is one that the request releases.
    pub async fn receive_written(&self, written: Written) {
        let to = self.serving.dimse;
        let sending = tokio::task::spawn_blocking(move || {
            let contexts = [(written.class, SYNTAX)];
            let mut scu = Scu::connect(to, "CT1", "FILMROOM", &contexts, Timeouts::default()).unwrap();
            assert_eq!(scu.store(written.class, &written.uid, SYNTAX, &written.data_set).unwrap(), 0);
            scu.release().unwrap();
        });
        sending.await.unwrap();
        self.serving.taking.indexer.flush().await;
    }

    /// Has the package frozen and waits for that version of it.
    pub async fn freeze(&self, version: u64) -> Package {
        let mut tx = self.db().begin().await.unwrap();
        put(&mut tx, &[freeze_package(&self.request.id)], &OsChance).await.unwrap();
        tx.commit().await.unwrap();
        self.frozen(version).await
    }

    /// Waits for a version of the package.
    pub async fn frozen(&self, version: u64) -> Package {
        for _ in 0..600 {
            match packages::current_of(self.db(), &self.request.id).await.unwrap() {
                Some(package) if package.version >= version => return package,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("no version {version} of the package is frozen");
    }

    /// A session of a recipient with these rights.
    pub async fn entered(&self, package: &Package, rights: Rights) -> LinkSession {
        let (token, code) = self.link(package, rights).await;
        let (means, entry) = (self.means(), Entry { birth_date: "1970-01-02", code: &code });
        let mut tx = self.db().begin().await.unwrap();
        let outcome = link::enter(&mut tx, &means, &token, entry, PHONE).await.unwrap();
        tx.commit().await.unwrap();
        let Outcome::Entered(cookie, _) = outcome else { panic!("{outcome:?}") };
        link::session_of(self.db(), &cookie.text(), means.now_ms).await.unwrap().unwrap()
    }

    /// A link with these rights: its token, and the access code.
    pub async fn link(&self, package: &Package, rights: Rights) -> (String, String) {
        let (means, program) = (self.means(), Who::Program("fulfillment"));
        let grant = NewLinkGrant {
            request: self.request.id.clone(),
            delivery: self.delivery.id.clone(),
            shared_from: None,
            package: package.id.clone(),
            recipient: "Jane Doe".into(),
            language: "en".into(),
            rights,
            until: YEAR_2100_MS,
        };
        let mut tx = self.db().begin().await.unwrap();
        let grant = link::prepare(&mut tx, &means, &grant).await.unwrap();
        let born = date(1970, 1, 2);
        let code = link::issue_code(&mut tx, &means, &program, &grant, born).await.unwrap().reveal();
        let token = link::activate(&mut tx, &means, &program, &grant).await.unwrap().text();
        tx.commit().await.unwrap();
        (token, code)
    }

    /// Takes the link of a session back.
    pub async fn revoke(&self, session: &LinkSession) {
        self.take_back(&session.grant.id).await;
    }

    /// Takes a link back.
    pub async fn take_back(&self, grant: &str) {
        let mut tx = self.db().begin().await.unwrap();
        link::revoke(&mut tx, &self.means(), &Who::Program("fulfillment"), grant).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What sends packages here.
    pub fn sender(&self) -> PackageSender {
        let library = &self.serving.taking.library;
        PackageSender {
            db: library.db.clone(),
            blobs: Arc::clone(&library.blobs),
            keys: Arc::clone(&library.keys),
            clock: Arc::clone(&library.clock),
            chance: Arc::clone(&library.chance),
            bucket: self.bucket.clone(),
        }
    }

    /// A further delivery of the request: a disc of this kind at the counter. Nobody makes it yet.
    pub async fn added(&self, disc: DiscForm) -> Delivery {
        let code_route = if disc.code().is_some() { CodeRoute::InPerson } else { CodeRoute::NoCode };
        let delivery = Delivery {
            id: new_id(3_000, &OsChance),
            destination: Destination::Desk { disc },
            code_route,
            ..self.delivery.clone()
        };
        let mut tx = self.db().begin().await.unwrap();
        deliveries::add(&mut tx, &delivery).await.unwrap();
        tx.commit().await.unwrap();
        delivery
    }

    /// The same, and it is to be made.
    pub async fn ordered(&self, disc: DiscForm) -> Delivery {
        let delivery = self.added(disc).await;
        let mut tx = self.db().begin().await.unwrap();
        put(&mut tx, &[prepare_discs(&delivery.id)], &OsChance).await.unwrap();
        tx.commit().await.unwrap();
        delivery
    }

    /// What makes discs here.
    pub fn disc_maker(&self) -> PrepareDiscs {
        disc_maker(&self.serving)
    }

    /// Waits for the discs of a delivery.
    pub async fn made(&self, delivery: &Delivery) -> DiscSeal {
        for _ in 0..600 {
            match disc_seals::latest_of(self.db(), &delivery.id).await.unwrap() {
                Some(seal) => return seal,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("the discs of the delivery were not made");
    }

    /// The data directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops everything in order.
    pub async fn end(self) {
        self.stop.send_replace(true);
        self.working.await.unwrap();
        self.serving.end().await.unwrap();
    }
}

fn object_store(server: &S3Server) -> ObjectStore {
    ObjectStore {
        endpoint: Some(server.endpoint()),
        region: "us-east-1".into(),
        bucket: "archives".into(),
        packages_bucket: Some("packages".into()),
        packages_encryption: None,
        packages_encryption_key: None,
        access_key_id: KEY_ID.into(),
        secret_access_key: Secret::Text(Zeroizing::new(SECRET.into())),
    }
}

fn packages_bucket(server: &S3Server) -> S3Settings {
    S3Settings {
        endpoint: Some(server.endpoint()),
        region: "us-east-1".into(),
        bucket: "packages".into(),
        access_key_id: KEY_ID.into(),
        secret_access_key: Zeroizing::new(SECRET.into()),
        encryption: None,
    }
}

fn disc_maker(serving: &Serving) -> PrepareDiscs {
    let library = &serving.taking.library;
    PrepareDiscs {
        db: library.db.clone(),
        blobs: Arc::clone(&library.blobs),
        keys: Arc::clone(&library.keys),
        clock: Arc::clone(&library.clock),
        chance: Arc::clone(&library.chance),
        institute: Institute { zone: TimeZone::UTC, institution: None },
        largest_medium: Medium::Dvd,
    }
}

fn worker(serving: &Serving, bucket: Option<HandOverBucket>) -> Worker {
    let library = &serving.taking.library;
    let freezing = FreezePackage {
        db: library.db.clone(),
        blobs: Arc::clone(&library.blobs),
        keys: Arc::clone(&library.keys),
        clock: Arc::clone(&library.clock),
        chance: Arc::clone(&library.chance),
        institute: Institute { zone: TimeZone::UTC, institution: None },
        handed_over: bucket.is_some(),
    };
    let discs = disc_maker(serving);
    let mut handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(freezing), Arc::new(discs)];
    if let Some(bucket) = bucket {
        handlers.push(Arc::new(HandOverPackage {
            db: library.db.clone(),
            blobs: Arc::clone(&library.blobs),
            keys: Arc::clone(&library.keys),
            bucket,
            chance: Arc::clone(&library.chance),
        }));
    }
    let pace = Pace { poll_ms: 20, backoff_ms: 50, ..Pace::default() };
    Worker::new(library.db.clone(), "packages", Vec::new(), handlers, 2).at(pace)
}

async fn asked_for(db: &Db) -> (ReleaseRequest, Delivery) {
    let request = ReleaseRequest {
        id: new_id(1_000, &OsChance),
        reference: Reference::fresh(&OsChance),
        site: "main".into(),
        received: Received { on: date(2026, 3, 15), by: ReceivedBy::Counter },
        requester: Requester {
            name: "Jane Doe".into(),
            capacity: Capacity::Patient,
            email: None,
            phone: None,
        },
        patient: GivenPatient { name: "Jane Doe".into(), birth_date: date(1970, 1, 2), patient_id: None },
        wish: "everything".into(),
        language: "en".into(),
        state: RequestState::Submitted,
        mammography: false,
        extension: None,
        submitted_at: 1_000,
        changed_at: 1_000,
    };
    let delivery = Delivery {
        id: new_id(2_000, &OsChance),
        request: request.id.clone(),
        recipient: "Jane Doe".into(),
        destination: Destination::link(None),
        code_route: CodeRoute::InPerson,
        code_route_confirmed_at: None,
        state: DeliveryState::Chosen,
        created_at: 2_000,
        changed_at: 2_000,
    };
    let mut tx = db.begin().await.unwrap();
    requests::add(&mut tx, &request).await.unwrap();
    deliveries::add(&mut tx, &delivery).await.unwrap();
    tx.commit().await.unwrap();
    (request, delivery)
}

fn send(to: std::net::SocketAddr, study: &SampleStudy, instances: Range<usize>) {
    let first = &study.instances[0];
    let contexts = [(first.sop_class_uid, first.transfer_syntax_uid)];
    let mut scu = Scu::connect(to, "CT1", "FILMROOM", &contexts, Timeouts::default()).unwrap();
    for index in instances {
        let (instance, data_set) = (&study.instances[index], study.dataset(index).unwrap());
        let (class, uid) = (instance.sop_class_uid, &instance.sop_instance_uid);
        assert_eq!(scu.store(class, uid, instance.transfer_syntax_uid, &data_set).unwrap(), 0);
    }
    scu.release().unwrap();
}
