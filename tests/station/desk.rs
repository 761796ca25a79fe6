//! A desk with discs to burn: the service's routes on a real socket, images made by calculation, a line that can
//! be made slow or bad.

use burn_queue::{Code, Image, Medium};
use filmroom::audit::events::Actor;
use filmroom::clock::SystemClock;
use filmroom::delivery::carrier::sandbox::{Pace, Sandbox};
use filmroom::delivery::disc::{By, plan, queue};
use filmroom::delivery::label::Parcels;
use filmroom::delivery::shipment::PRESUMED_AFTER_MS;
use filmroom::desk::people;
use filmroom::desk::{Acting, Who};
use filmroom::ids::new_id;
use filmroom::model::calendar::Calendar;
use filmroom::model::delivery::{CodeForm, CodeRoute, DiscForm};
use filmroom::model::disc::{Disc, DiscCounts, NewDisc, NewDiscSet};
use filmroom::model::request::{Capacity, GivenPatient, Received, ReceivedBy, ReleaseRequest, Requester};
use filmroom::model::{Delivery, DeliveryState, Destination, Reference, RequestState, Role};
use filmroom::store::db::Db;
use filmroom::store::{deliveries, discs, migrations, requests};
use filmroom::web::api::Means;
use filmroom::web::api::image::Bytes;
use filmroom::web::api::station::{Stations, routes};
use imaging::chance::OsChance;
use jiff::civil::date;
use jiff::tz::TimeZone;
use std::fs;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::common::{Ran, run};

/// A desk that sends nothing.
fn no_parcels(db: &Db) -> Parcels {
    let carrier = Sandbox {
        db: db.clone(),
        clock: Arc::new(SystemClock),
        chance: Arc::new(OsChance),
        calendar: Calendar::parse(Calendar::FEDEX).unwrap(),
        pace: Pace::Calendar,
        zone: TimeZone::UTC,
    };
    Parcels {
        db: db.clone(),
        carrier: Arc::new(carrier),
        sites: Arc::default(),
        clock: Arc::new(SystemClock),
        chance: Arc::new(OsChance),
        actor: Actor::program("test"),
        presumed_after_ms: PRESUMED_AFTER_MS,
    }
}

/// How the line to the station is.
#[derive(Default)]
pub struct Line {
    break_every: AtomicU64,
    slow: AtomicBool,
    damage: AtomicBool,
    answers: AtomicU64,
}

impl Line {
    pub fn break_every(&self, bytes: u64) {
        self.break_every.store(bytes, SeqCst);
    }

    /// About 2 MB/s.
    pub fn slow(&self) {
        self.slow.store(true, SeqCst);
    }

    pub fn fast(&self) {
        self.slow.store(false, SeqCst);
    }

    /// The next image that is sent has a wrong byte.
    pub fn damage_first(&self) {
        self.damage.store(true, SeqCst);
    }

    pub fn answers(&self) -> u64 {
        self.answers.load(SeqCst)
    }
}

struct Made {
    bytes: Vec<u8>,
    line: Arc<Line>,
}

struct Sending {
    left: io::Cursor<Vec<u8>>,
    break_after: u64,
    line: Arc<Line>,
}

impl Bytes for Made {
    fn range(&self, range: Range<u64>) -> io::Result<Box<dyn Read + Send>> {
        self.line.answers.fetch_add(1, SeqCst);
        let place = |at: u64| usize::try_from(at).unwrap();
        let mut bytes = self.bytes[place(range.start)..place(range.end)].to_vec();
        if self.line.damage.swap(false, SeqCst) {
            bytes[5_000] ^= 1;
        }
        let break_after = match self.line.break_every.load(SeqCst) {
            0 => u64::MAX,
            every => every,
        };
        Ok(Box::new(Sending { left: io::Cursor::new(bytes), break_after, line: Arc::clone(&self.line) }))
    }
}

impl Read for Sending {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.left.position() >= self.break_after {
            return Err(io::Error::other("the line broke"));
        }
        let most = buf.len().min(32 << 10);
        if self.line.slow.load(SeqCst) {
            std::thread::sleep(Duration::from_millis(15));
        }
        self.left.read(&mut buf[..most])
    }
}

/// What is on the disc at a place.
fn bytes_of(place: u32, length: usize) -> Vec<u8> {
    let mut state = place;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

pub struct Desk {
    pub line: Arc<Line>,
    /// Of a user who may burn.
    pub token: String,
    folder: tempfile::TempDir,
    runtime: Runtime,
    db: Db,
    set: String,
    image_bytes: usize,
    address: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

impl Desk {
    /// A desk with one set of so many discs, each with an image of so many bytes.
    pub fn open(of: u32, image_bytes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("filmroom.toml"), "").unwrap();
        let runtime = Runtime::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let (db, set, token) = runtime.block_on(async {
            let db = Db::open(&url.parse().unwrap(), Arc::new(SystemClock)).await.unwrap();
            migrations::migrate(&db, &SystemClock).await.unwrap();
            let set = ordered(&db, of, image_bytes).await;
            let token = token(&db).await;
            (db, set, token)
        });
        fs::write(folder.path().join("token"), format!("{token}\n")).unwrap();
        let line = Arc::new(Line::default());
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut desk = Self { line, token, folder, runtime, db, set, image_bytes, address, serving: None };
        desk.come_back();
        desk
    }

    /// The service ends, and what it was sending breaks off.
    pub fn go_away(&mut self) {
        let serving = self.serving.take().unwrap();
        serving.abort();
        drop(self.runtime.block_on(serving));
    }

    /// The service is there, on the port it had before.
    pub fn come_back(&mut self) {
        let (line, length) = (Arc::clone(&self.line), self.image_bytes);
        let stations = Stations {
            means: Means {
                parcels: no_parcels(&self.db),
                db: self.db.clone(),
                clock: Arc::new(SystemClock),
                chance: Arc::new(OsChance),
                zone: TimeZone::UTC,
                site: "main".into(),
            },
            images: Arc::new(move |disc, _| {
                let bytes = bytes_of(disc.place.number(), length);
                let made = Arc::new(Made { bytes, line: Arc::clone(&line) });
                Box::pin(async move { Ok(made as Arc<dyn Bytes>) })
            }),
            lease_ms: 120_000,
        };
        let wanted = self.address;
        let listener = self.runtime.block_on(async {
            for _ in 0..100 {
                if let Ok(listener) = tokio::net::TcpListener::bind(wanted).await {
                    return listener;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("{wanted} cannot be listened on");
        });
        self.address = listener.local_addr().unwrap();
        let serving = async move { axum::serve(listener, routes(stations)).await.unwrap() };
        self.serving = Some(self.runtime.spawn(serving));
    }

    pub fn station<'a>(&'a self, more: &[&'a str]) -> StationCommand<'a> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_filmroom"));
        command.arg("station").arg("--name").arg("desk-1");
        command.arg("--server").arg(format!("http://{}", self.address));
        command.arg("--drive").arg(format!("stdio:{}", self.folder.path().join("discs").display()));
        command.arg("--token-file").arg(self.folder.path().join("token"));
        command.arg("--config").arg(self.folder.path().join("filmroom.toml"));
        command.arg("--data").arg(self.folder.path().join("data"));
        command.args(more).stdin(Stdio::null());
        StationCommand { command, folder: self.folder.path() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a disc lies once it is burned.
    pub fn burned(&self, disc: Code) -> PathBuf {
        self.folder.path().join("discs").join(format!("{disc}.iso"))
    }

    pub fn bytes(&self, place: u32) -> Vec<u8> {
        bytes_of(place, self.image_bytes)
    }

    /// The discs of the set, spoiled ones too, the oldest first.
    pub fn discs(&self) -> Vec<Disc> {
        self.runtime.block_on(discs::of_set(&self.db, &self.set)).unwrap()
    }

    /// What the drive has written, with lengths.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("discs")) else { return Vec::new() };
        let entries = entries.map(|entry| entry.unwrap());
        entries.map(|entry| (entry.path(), entry.metadata().unwrap().len())).collect()
    }
}

pub struct StationCommand<'a> {
    command: Command,
    folder: &'a Path,
}

impl StationCommand<'_> {
    pub fn run(mut self) -> Ran {
        run(&mut self.command, self.folder)
    }

    pub fn spawn(mut self) -> Child {
        self.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }
}

/// A token of a user who may burn.
async fn token(db: &Db) -> String {
    let setup = Who::Program("test");
    let acting = Acting { who: &setup, now_ms: 1, today: date(2026, 3, 2), chance: &OsChance };
    let mut tx = db.begin().await.unwrap();
    let named = ("burn-desk", "The burn desk");
    let user = people::add_user(&mut tx, &acting, named, [Role::Burn].into()).await.unwrap();
    let token = people::new_token(&mut tx, &acting, &user.id, "a station", None).await.unwrap();
    tx.commit().await.unwrap();
    token.reveal().to_owned()
}

/// A request with a delivery of so many discs, all queued; the set's id.
async fn ordered(db: &Db, of: u32, image_bytes: usize) -> String {
    let request = request();
    let delivery = Delivery {
        id: new_id(2, &OsChance),
        request: request.id.clone(),
        recipient: "Jane Doe".into(),
        destination: Destination::Desk { disc: DiscForm::Sealed { code: CodeForm::Words } },
        code_route: CodeRoute::InPerson,
        code_route_confirmed_at: None,
        state: DeliveryState::Chosen,
        created_at: 2,
        changed_at: 2,
    };
    let image = |place| Image::of(&bytes_of(place, image_bytes)[..]).unwrap();
    let wanted = NewDiscSet {
        request: request.id.clone(),
        delivery: delivery.id.clone(),
        seal: "none".into(),
        counts: DiscCounts { studies: 1, series: 1, instances: 1 },
        due_at: 3,
        discs: (1..=of).map(|place| NewDisc { image: image(place), medium: Medium::Cd }).collect(),
    };
    let actor = Actor::program("test");
    let by = By { actor: &actor, chance: &OsChance };
    let mut tx = db.begin().await.unwrap();
    requests::add(&mut tx, &request).await.unwrap();
    deliveries::add(&mut tx, &delivery).await.unwrap();
    let set = plan(&mut tx, wanted, by).await.unwrap();
    queue(&mut tx, &delivery.id, by).await.unwrap();
    tx.commit().await.unwrap();
    set.id
}

fn request() -> ReleaseRequest {
    ReleaseRequest {
        id: new_id(1, &OsChance),
        reference: Reference::fresh(&OsChance),
        site: "main".into(),
        received: Received { on: date(2026, 3, 2), by: ReceivedBy::Fax },
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
        submitted_at: 1,
        changed_at: 1,
    }
}
