//! Plain and secured discs of a request: written once, built again whenever one is burned, alone and as sets.

use crate::common::postgres::empty_schema;
use crate::common::s3::S3Server;
use crate::common::{self, Site, files, installed, run};
use crate::desk::Desk;
use burn_queue::{Image, Medium, SECTOR_BYTES};
use filmroom::desk::package::{
    FileBlob, FileDisc, Making, plain_discs, recipe, secure_discs, write_plain, write_secure,
};
use filmroom::desk::seal::open;
use filmroom::ids::new_id;
use filmroom::intake::check::Check;
use filmroom::jobs::Handler as _;
use filmroom::means::unseal;
use filmroom::model::delivery::{CodeForm, DiscForm};
use filmroom::model::job::{PREPARE_DISCS, prepare_discs};
use filmroom::model::{Delivery, DeliveryState, DiscSeal, Lease, LeasedJob, NewJob, StudyFilter};
use filmroom::store::blob::{BlobError, BlobKey, BlobStore, BlobWriter};
use filmroom::store::db::{Db, Read as _, composed};
use filmroom::store::keys::Holder;
use filmroom::store::{deliveries, disc_seals, discs, jobs, studies};
use filmroom::web::patient::package::PackageSender;
use imaging::chance::OsChance;
use imaging::disc::split;
use imaging::opening_code::{Form, OpeningCode};
use imaging::samples;
use imaging::seal::{DataKey, ReadAt, SealedReader};
use imaging::secure_media::Locker;
use imaging::sign::SigningKey;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tokio::runtime::Handle;

const NOW_MS: i64 = 1_790_000_000_000;
/// There is room for one of the studies.
const DISC_BYTES: u64 = 5_120 * SECTOR_BYTES;

/// All of the image of a delivery's only disc, opened anew.
async fn image_of(desk: &Desk, seal: &DiscSeal) -> Vec<u8> {
    let sender = desk.sender();
    let opened = open(&sender.db, &sender.blobs, &sender.keys, (&seal.id, 1)).await.unwrap();
    let set = discs::set_of_delivery(desk.db(), &seal.delivery).await.unwrap().unwrap();
    let [disc] = discs::of_set(desk.db(), &set.id).await.unwrap().try_into().unwrap();
    assert_eq!(disc.medium, Medium::Cd);
    let bytes = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        opened.range(0..disc.image.bytes()).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(Image::of(bytes.as_slice()).unwrap(), disc.image, "the image that was queued");
        // A part of it is the same part.
        let mut middle = Vec::new();
        opened.range(40_000..90_001).unwrap().read_to_end(&mut middle).unwrap();
        assert!(bytes[40_000..90_001] == middle);
        bytes
    });
    bytes.await.unwrap()
}

/// A blob store beside which somebody cancels a delivery as soon as its first blob is begun.
struct Cancelling {
    blobs: Arc<dyn BlobStore>,
    db: Db,
    delivery: Delivery,
    of_ours: Handle,
}

impl BlobStore for Cancelling {
    fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        self.of_ours.block_on(async {
            let mut tx = self.db.begin().await.unwrap();
            let now = deliveries::get_to_change(&mut tx, &self.delivery.id).await.unwrap();
            if !now.state.is_closed() {
                let ended = DeliveryState::Cancelled { reason: "not wanted any more".into() };
                deliveries::change_state(&mut tx, &now.id, &now.state, &ended, 9_000).await.unwrap();
                tx.commit().await.unwrap();
            }
        });
        self.blobs.create(key)
    }

    fn open(&self, key: &BlobKey) -> Result<Box<dyn ReadAt>, BlobError> {
        self.blobs.open(key)
    }

    fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        self.blobs.delete(key)
    }

    fn list(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError> {
        self.blobs.list(visit)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_ends_while_its_discs_are_made_gets_none_and_nothing_stays_behind() {
    let desk = Desk::new().await;
    desk.receive(&samples::ct(3, 43), 0..3).await;
    desk.freeze(1).await;
    let before: BTreeSet<_> = files(&desk.folder().join("blobs")).into_keys().collect();
    for disc in
        [DiscForm::Plain { warning: "anyone can see it".into() }, DiscForm::Secure { code: CodeForm::Words }]
    {
        let delivery = desk.added(disc).await;
        let job = LeasedJob {
            id: new_id(5_000, &OsChance),
            kind: PREPARE_DISCS.into(),
            payload: json!(delivery.id).to_string(),
            node: None,
            tries: 2,
            max_tries: 100,
            lease: Lease { worker: "w".into(), epoch: 2, until: i64::MAX },
        };
        // What a run before left when it was cut off.
        let sender = desk.sender();
        for left in ["1", "1-0", "1-1"] {
            let key = BlobKey::new(format!("{}-{left}", job.id)).unwrap();
            sender.blobs.create(&key).unwrap().finish().unwrap();
        }
        let mut making = desk.disc_maker();
        let (blobs, db) = (Arc::clone(&sender.blobs), sender.db.clone());
        making.blobs =
            Arc::new(Cancelling { blobs, db, delivery: delivery.clone(), of_ours: Handle::current() });
        making.run(&job).await.unwrap();
        assert!(disc_seals::latest_of(desk.db(), &delivery.id).await.unwrap().is_none());
        assert!(
            discs::set_of_delivery(desk.db(), &delivery.id).await.unwrap().is_none(),
            "nothing is queued"
        );
        let after: BTreeSet<_> = files(&desk.folder().join("blobs")).into_keys().collect();
        assert_eq!(after, before);
    }
    desk.end().await;
}

/// What `filmroom disc` finds on an image, and the SHA-256 of the instances it saves.
fn looked_at(site: &Site, image: &[u8], code: Option<&OpeningCode>) -> (Value, BTreeSet<String>) {
    let [iso, saved, code_file] = ["disc.iso", "saved", "code"].map(|name| site.path(name));
    fs::write(&iso, image).unwrap();
    fs::write(&code_file, code.map_or("", OpeningCode::reveal)).unwrap();
    drop(fs::remove_dir_all(&saved));
    let [iso, saved, code_file] = [&iso, &saved, &code_file].map(|path| path.to_str().unwrap());
    let with_code = if code.is_some() { vec!["--passphrase-file", code_file] } else { Vec::new() };
    let verified = site.json(&[&["disc", "verify", "--json", iso], &with_code[..]].concat());
    site.json(&[&["disc", "open", "--json", iso, "--out", saved], &with_code[..]].concat());
    let names = files(Path::new(saved)).into_keys();
    let instances = names.filter(|name| name.to_str().unwrap().contains("/DICOM/"));
    (verified, instances.map(|name| common::kept::sha256_of(&name)).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_and_a_secured_disc_of_a_request_hold_the_same_and_are_the_same_whenever_they_are_burned() {
    hold_the_same_whenever_they_are_burned(Desk::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_so_with_rows_in_postgresql_and_bytes_in_an_object_store() {
    let schema = tokio::task::spawn_blocking(|| empty_schema("filmroom_discs_of_files"));
    let Some(database) = schema.await.unwrap() else { return };
    let server = S3Server::start().await;
    hold_the_same_whenever_they_are_burned(Desk::in_the_cloud_with(&server, database).await).await;
}

async fn hold_the_same_whenever_they_are_burned(desk: Desk) {
    desk.receive(&samples::ct(6, 41), 0..6).await;
    desk.freeze(1).await;
    let site = Site::new();

    let plain = desk.ordered(DiscForm::Plain { warning: "anyone can see it".into() }).await;
    let plain_seal = desk.made(&plain).await;
    assert!(disc_seals::code(desk.db(), &plain_seal.id).await.unwrap().is_none(), "it has no code");
    let image = image_of(&desk, &plain_seal).await;
    assert!(image == image_of(&desk, &plain_seal).await);
    let (verified, plain_instances) = looked_at(&site, &image, None);
    assert_eq!((&verified["faults"], &verified["instances"]), (&json!([]), &json!(6)));
    assert_eq!(plain_instances.len(), 6);

    let secure = desk.ordered(DiscForm::Secure { code: CodeForm::Digits }).await;
    let secure_seal = desk.made(&secure).await;
    let sealed = disc_seals::code(desk.db(), &secure_seal.id).await.unwrap().unwrap();
    let keys = desk.sender().keys;
    let code = unseal(&keys, &Holder::OpeningCode.owner(&secure_seal.id), &sealed).unwrap();
    let code = OpeningCode::parse(&String::from_utf8(code).unwrap()).unwrap();
    let image = image_of(&desk, &secure_seal).await;
    let (verified, secure_instances) = looked_at(&site, &image, Some(&code));
    assert_eq!((&verified["faults"], secure_instances), (&json!([]), plain_instances));
    let other = OpeningCode::generate(Form::Digits, &OsChance);
    fs::write(site.path("code"), other.reveal()).unwrap();
    let [iso, code] = ["disc.iso", "code"].map(|name| site.path(name));
    let words =
        ["disc", "verify", "--json", iso.to_str().unwrap(), "--passphrase-file", code.to_str().unwrap()];
    assert_eq!(site.run(&words).code, Some(1));

    // Each has an archive of its own, and all that is there is accounted for.
    assert_eq!(
        objects(&desk).await.len(),
        6,
        "the study's archive, the package, and a record and an archive for each of both discs"
    );
    assert_eq!(problems(&desk).await, [] as [String; 0]);
    // What a disc would be burned from again is missed.
    let blobs = desk.sender().blobs;
    let files = BlobKey::new(secure_seal.files_key.unwrap()).unwrap();
    tokio::task::spawn_blocking(move || blobs.delete(&files)).await.unwrap().unwrap();
    assert_eq!(problems(&desk).await, [format!("discs of delivery {}", secure.id)]);
    desk.end().await;
}

/// The names of all that is in the blob store.
async fn objects(desk: &Desk) -> BTreeSet<String> {
    let blobs = desk.sender().blobs;
    let listing = tokio::task::spawn_blocking(move || {
        let mut names = BTreeSet::new();
        blobs.list(&mut |key, _| names.extend([key.to_string()])).unwrap();
        names
    });
    listing.await.unwrap()
}

/// What `check` finds amiss.
async fn problems(desk: &Desk) -> Vec<String> {
    let PackageSender { db, blobs, keys, .. } = desk.sender();
    let check = Check { db, blobs, keys, spools: HashMap::new(), nodes_now: None };
    let report = check.run(&|_| ()).await.unwrap();
    report.problems.into_iter().map(|problem| problem.about).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_being_written_for_discs_is_nothing_amiss_and_what_nobody_writes_is() {
    let desk = Desk::new().await;
    let mut tx = desk.db().begin().await.unwrap();
    // Nobody begins it.
    let job = NewJob { delay_ms: 3_600_000, ..prepare_discs("a delivery") };
    jobs::put(&mut tx, &[job], &OsChance).await.unwrap();
    let sql = "SELECT id FROM jobs WHERE dedup_key = 'a delivery'";
    let job =
        (&mut tx).row(composed(sql.into()), vec![]).await.unwrap().unwrap().of("jobs").text("id").unwrap();
    tx.commit().await.unwrap();
    let nobody = new_id(6_000, &OsChance);
    let blobs = desk.sender().blobs;
    for name in [format!("{job}-1"), format!("{job}-1-0"), format!("{nobody}-1-0")] {
        blobs.create(&BlobKey::new(name).unwrap()).unwrap().finish().unwrap();
    }
    assert_eq!(problems(&desk).await, [format!("blob {nobody}-1-0")]);
    desk.end().await;
}

/// Whether the image that was looked at says in its label, in its papers and, if others may be listed, in its list which
/// disc of the set it is.
fn assert_says_its_place(site: &Site, number: usize, of: usize, lists_others: bool) {
    let (iso, copied) = (site.path("disc.iso"), site.path("copied"));
    if installed("isoinfo") {
        let ran = run(Command::new("isoinfo").arg("-d").arg("-i").arg(&iso), &site.path(""));
        assert!(ran.out.contains(&format!("FILMROOM_{number}_OF_{of}")), "{}", ran.out);
    }
    if installed("7z") {
        drop(fs::remove_dir_all(&copied));
        let into = format!("-o{}", copied.display());
        run(Command::new("7z").args(["x", "-bso0", "-bsp0", &into]).arg(&iso), &site.path(""));
        for paper in ["README.TXT", "INDEX.HTM"] {
            let words = fs::read_to_string(copied.join(paper)).unwrap();
            assert!(words.contains(&format!("This is disc {number} of {of}.")), "{words}");
        }
        let page = fs::read_to_string(copied.join("IHE_PDI/INDEX.HTM")).unwrap();
        let others = (1..=of).filter(|other| page.contains(&format!("On disc {other} of"))).count();
        assert_eq!(others, if lists_others { of - 1 } else { 0 }, "what is secured lists nothing: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_and_secured_discs_of_a_set_are_whole_one_by_one_and_say_which_they_are() {
    let desk = Desk::new().await;
    for seed in [31, 32, 33] {
        desk.receive(&samples::ct(10, seed), 0..10).await;
    }
    // Settles them, too.
    desk.freeze(1).await;
    let sender = desk.sender();
    let mut tx = sender.db.begin().await.unwrap();
    let filter = StudyFilter { limit: 10, ..StudyFilter::default() };
    let released = studies::list(&mut tx, &filter).await.unwrap();
    let recipe = recipe(&mut tx, &released, &HashSet::new()).await.unwrap();
    drop(tx);
    let code = OpeningCode::generate(Form::Words, &OsChance);
    let made = {
        let code = code.clone();
        tokio::task::spawn_blocking(move || {
            let signing = SigningKey::of(sender.keys.current()).unwrap();
            let making = Making {
                now_ms: NOW_MS,
                zone: TimeZone::UTC,
                institution: None,
                key: &signing,
                others: Vec::new(),
            };
            let names = ["0a", "0b"].map(|name| BlobKey::new(name).unwrap());
            let keys = [DataKey::fresh(&OsChance), DataKey::fresh(&OsChance)];
            let [plain, secure] =
                [0, 1].map(|at| FileBlob { blobs: &*sender.blobs, name: &names[at], key: &keys[at] });
            let locker = Locker::new(&code, &OsChance).unwrap();
            let archive = write_plain(&recipe, &sender.keys, &plain, &OsChance).unwrap();
            let secured = write_secure(&archive, &plain, &locker, &secure, &OsChance).unwrap();
            let planned = split(&archive.contents, DISC_BYTES).unwrap().len();
            let read = |discs: Vec<FileDisc>, from: &FileBlob<'_>| -> Vec<(u64, Vec<u8>)> {
                let open =
                    || vec![SealedReader::open(from.blobs.open(from.name).unwrap(), from.key).unwrap()];
                let read = |FileDisc { contents, image }: FileDisc| {
                    let mut bytes = Vec::new();
                    image.range(0..image.len(), open()).unwrap().read_to_end(&mut bytes).unwrap();
                    (contents.counts().instances, bytes)
                };
                discs.into_iter().map(read).collect()
            };
            let plains = read(plain_discs(&archive, &making, DISC_BYTES).unwrap(), &plain);
            let secures = secure_discs(&secured, &locker, &making, DISC_BYTES, &OsChance).unwrap();
            (planned, plains, read(secures, &secure))
        })
        .await
        .unwrap()
    };
    let (planned, plains, secures) = made;
    assert_eq!((plains.len(), secures.len()), (planned, planned));
    assert!(planned > 1, "a set");
    let site = Site::new();
    let mut all: [BTreeSet<String>; 2] = Default::default();
    for (kind, discs) in [plains, secures].into_iter().enumerate() {
        let code = (kind == 1).then_some(&code);
        for (number, (instances, bytes)) in (1..).zip(discs) {
            assert!(bytes.len() as u64 <= DISC_BYTES && (bytes.len() as u64).is_multiple_of(SECTOR_BYTES));
            let (verified, found) = looked_at(&site, &bytes, code);
            assert_eq!((&verified["faults"], found.len() as u64), (&json!([]), instances), "{verified}");
            all[kind].extend(found);
            assert_says_its_place(&site, number, planned, kind == 0);
        }
    }
    assert_eq!((all[0].len(), &all[0]), (30, &all[1]), "every instance is on one of them");
    desk.end().await;
}
