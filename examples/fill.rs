//! Fills a database with a hospital's years, and times the questions the desk asks of it.
//!
//! `cargo run --release --example fill -- --data DIR --studies 200000` makes `DIR/filmroom.db`;
//! `--database postgres://…` fills another database instead. `--time-only` asks without filling.

use anyhow::{Context, Result};
use clap::Parser;
use filmroom::clock::{Clock, SystemClock};
use filmroom::ids::new_id;
use filmroom::model::{
    ArchiveSizes, ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, KeptKey, MemberMethod,
    NewArchive, NewJob, SettledInstance, Source, StudyFilter, StudySummary, Twin,
};
use filmroom::store::db::{DatabaseUrl, Db};
use filmroom::store::{archives, jobs, migrations, studies};
use imaging::chance::{Chance, SeededChance};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Parser)]
struct Options {
    /// Where the database file is made.
    #[arg(long, default_value = "filmroom-data")]
    data: PathBuf,
    /// Another database, by its URL.
    #[arg(long)]
    database: Option<String>,
    /// How many studies to make.
    #[arg(long, default_value_t = 200_000)]
    studies: u64,
    /// How many instances each has.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    instances: u64,
    /// Only time the questions.
    #[arg(long)]
    time_only: bool,
}

const NODE: &str = "node-1";
const INSTANCES_PER_BATCH: u64 = 500;
const DAY_MS: i64 = 86_400_000;
const FAMILY_NAMES: [&str; 16] = [
    "Anderson",
    "Brown",
    "Garcia",
    "Johnson",
    "Jones",
    "Martinez",
    "Miller",
    "Nguyen",
    "Olson",
    "Smith",
    "Иванов",
    "Петрова",
    "محمد",
    "حسن",
    "Yang",
    "Yamada",
];
const GIVEN_NAMES: [&str; 8] = ["Anna", "Bao", "Carlos", "Dana", "Elias", "Fatima", "Иван", "Hanako"];
const MODALITIES: [&str; 5] = ["CT", "MR", "CR", "US", "MG"];

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.data).context("the data directory cannot be made")?;
    let file = format!("sqlite:{}", options.data.join("filmroom.db").display());
    let url: DatabaseUrl = options.database.clone().unwrap_or(file).parse()?;
    let db = Db::open(&url, std::sync::Arc::new(SystemClock)).await?;
    migrations::migrate(&db, &SystemClock).await?;
    if !options.time_only {
        fill(&db, &options).await?;
    }
    time_questions(&db).await?;
    db.close().await;
    Ok(())
}

async fn fill(db: &Db, options: &Options) -> Result<()> {
    let chance = SeededChance::new(SystemClock.now_ms().unsigned_abs());
    let (mut indexing, mut settling) = (Duration::ZERO, Duration::ZERO);
    let mut first = 0;
    while first < options.studies {
        let end = options.studies.min(first + (INSTANCES_PER_BATCH / options.instances).max(1));
        let batch: Vec<ArrivedInstance> =
            (first..end).flat_map(|study| images_of(study, options.instances, &chance)).collect();
        let begun = Instant::now();
        let touched = index(db, &batch, &chance).await?;
        indexing += begun.elapsed();
        let begun = Instant::now();
        settle(db, &batch, &touched, options.instances, &chance).await?;
        settling += begun.elapsed();
        first = end;
        if first.is_multiple_of(20_000) || first == options.studies {
            say(&format!(
                "{first} studies: indexing {indexing:.1?}, settling {settling:.1?} for the last of them"
            ))?;
            (indexing, settling) = (Duration::ZERO, Duration::ZERO);
        }
    }
    Ok(())
}

async fn index(db: &Db, batch: &[ArrivedInstance], chance: &dyn Chance) -> Result<Vec<String>> {
    let mut tx = db.begin().await?;
    let touched = studies::index_arrivals(&mut tx, batch, SystemClock.now_ms(), chance).await?;
    let settle = |study: &studies::TouchedStudy| {
        NewJob::new("settle_study", &study.study_id).once(&study.study_id, Twin::Postpone).after_ms(30_000)
    };
    jobs::put(&mut tx, &touched.iter().map(settle).collect::<Vec<_>>(), chance).await?;
    tx.commit().await?;
    Ok(touched.into_iter().map(|study| study.study_id).collect())
}

async fn settle(
    db: &Db,
    batch: &[ArrivedInstance],
    touched: &[String],
    each: u64,
    chance: &dyn Chance,
) -> Result<()> {
    let now = SystemClock.now_ms();
    let mut tx = db.begin().await?;
    for (study, instances) in touched.iter().zip(batch.chunks(usize::try_from(each)?)) {
        let id = new_id(now, chance);
        let archive = NewArchive {
            blob_key: id.clone(),
            id,
            study: study.clone(),
            node: NODE.to_owned(),
            key: KeptKey { data_key: vec![0; 60], master_key_id: "0011223344556677".to_owned() },
        };
        archives::begin(&mut tx, &archive, now).await?;
        let members: Vec<SettledInstance> =
            (0..).zip(instances).map(|(at, instance)| member(&instance.id, at)).collect();
        studies::settled(&mut tx, &archive.id, NODE, &members).await?;
        studies::note_settled(&mut tx, study, now).await?;
        let sizes = ArchiveSizes { blob_bytes: 2_600_000, plain_bytes: 2_500_000, source_bytes: 5_260_000 };
        archives::keep(&mut tx, &archive.id, sizes, now).await?;
    }
    Ok(tx.commit().await?)
}

fn member(id: &str, at: u64) -> SettledInstance {
    SettledInstance {
        id: id.to_owned(),
        member_offset: at * 250_000,
        member_bytes: 250_000,
        member_method: MemberMethod::Deflate,
        crc32: 0x1234_5678,
        sha256: "ab".repeat(32),
        dataset_sha256: "cd".repeat(32),
    }
}

/// A study of one patient in two, in two series.
fn images_of(study: u64, count: u64, chance: &dyn Chance) -> Vec<ArrivedInstance> {
    let patient = study / 2;
    let pick = |names: &[&'static str], by: u64| names[usize::try_from(by).unwrap_or(0) % names.len()];
    let name =
        format!("{}^{}^{patient}", pick(&FAMILY_NAMES, patient * 7 / 3), pick(&GIVEN_NAMES, patient / 5));
    let (year, month, day) = (2010 + study * 16 / 200_000, study % 12 + 1, study % 28 + 1);
    let uid = format!("1.2.840.99999.{}.{study}", study % 7);
    let received_at = 1_700_000_000_000 + i64::try_from(study).unwrap_or(0) * DAY_MS / 100;
    let image = |number: u64| ArrivedInstance {
        id: new_id(received_at, chance),
        node: NODE.to_owned(),
        received_at,
        source: Source::Dimse { calling_ae: "CT1".to_owned(), called_ae: "FILMROOM".to_owned() },
        patient: ArrivedPatient {
            issuer: "HOSPITAL".to_owned(),
            id: format!("{patient:08}"),
            name: name.clone(),
            birth_date: format!("{}0{}15", 1930 + patient % 80, patient % 9 + 1),
            sex: "O".to_owned(),
        },
        study: ArrivedStudy {
            study_instance_uid: uid.clone(),
            date: format!("{year}{month:02}{day:02}"),
            time: "101500".to_owned(),
            accession_number: format!("ACC{study:09}"),
            study_id: study.to_string(),
            description: "Chest without contrast".to_owned(),
            referring_physician: "Referring^Doctor".to_owned(),
        },
        series: ArrivedSeries {
            series_instance_uid: format!("{uid}.{}", number % 2),
            modality: pick(&MODALITIES, study).to_owned(),
            number: i64::try_from(number % 2).ok(),
            description: "axial 5 mm".to_owned(),
        },
        sop_instance_uid: format!("{uid}.{}.{number}", number % 2),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
        instance_number: i64::try_from(number).ok(),
        size_bytes: 526_000,
        header_bytes: 380,
        header_is_ours: true,
        keys: r#"{"image_type":"ORIGINAL\\PRIMARY\\AXIAL","rows":512,"columns":512,"frames":null}"#
            .to_owned(),
        notes: Vec::new(),
        spool_first: study / 100,
        spool_last: study / 100,
        extents: r#"[{"generation":1,"offset":4096,"length":526000}]"#.to_owned(),
    };
    (0..count).map(image).collect()
}

async fn time_questions(db: &Db) -> Result<()> {
    let text = |text: &str| Some(text.to_owned());
    let all = || StudyFilter { limit: 200, ..StudyFilter::default() };
    let newest = studies::list(db, &all()).await?;
    let before = newest.last().map(StudySummary::cursor);
    for (question, filter) in [
        ("newest first", all()),
        ("the page after", StudyFilter { before, ..all() }),
        ("Patient ID", StudyFilter { patient_id: text("00050000"), issuer: text("HOSPITAL"), ..all() }),
        ("issuer alone", StudyFilter { issuer: text("HOSPITAL"), ..all() }),
        ("name, one letter", StudyFilter { name: text("m"), ..all() }),
        ("name, a family", StudyFilter { name: text("smith"), ..all() }),
        ("name, a person", StudyFilter { name: text("Nguyen, Anna"), ..all() }),
        ("name in Cyrillic", StudyFilter { name: text("Петр"), ..all() }),
        ("name and dates", StudyFilter { name: text("olson"), study_date_from: text("20240101"), ..all() }),
        (
            "date range",
            StudyFilter { study_date_from: text("20150101"), study_date_to: text("20150630"), ..all() },
        ),
        ("accession", StudyFilter { accession_number: text("ACC000150000"), ..all() }),
        ("study UID", StudyFilter { study_instance_uid: text("1.2.840.99999.4.150000"), ..all() }),
    ] {
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..5 {
            let begun = Instant::now();
            found = studies::list(db, &filter).await?.len();
            times.push(begun.elapsed());
        }
        times.sort();
        say(&format!("{question:18} {found:4} found  best {:7.2?}  median {:7.2?}", times[0], times[2]))?;
    }
    time_lookups(db).await
}

async fn time_lookups(db: &Db) -> Result<()> {
    let newest = StudyFilter { limit: 1, ..StudyFilter::default() };
    if let Some(study) = studies::list(db, &newest).await?.first() {
        let begun = Instant::now();
        let of_study = studies::instances_of(db, &study.id).await?.len();
        say(&format!("instances of study {of_study:4} found  {:.2?}", begun.elapsed()))?;
    }
    let begun = Instant::now();
    let totals = studies::totals(db).await?;
    say(&format!("totals {totals:?}  {:.2?}", begun.elapsed()))
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
