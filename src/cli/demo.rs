//! `filmroom demo`: the main job on generated sample studies, with every part real.

mod requests;
mod staff;

use super::print::{self, Out, count};
use crate::app::{Serving, parcels};
use crate::config::Config;
use crate::intake::kept::{OpenArchive, read_through};
use crate::model::{InstanceRow, Place, StudyFilter, StudySummary, Way};
use crate::store::{archives, studies};
use anyhow::{Context, ensure};
use imaging::dimse::scu::{Scu, Timeouts, VERIFICATION};
use imaging::samples::{self, SampleStudy};
use requests::{Desk, RequestTold};
use serde::Serialize;
use staff::Team;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Where a demonstration writes unless told otherwise: never among a hospital's own data.
pub(super) const DATA: &str = "filmroom-demo";
const SLICES: u16 = 64;
const SEED: u64 = 2026;
/// A parcel is at the door within seconds.
const CARRIER_STEP_MS: u32 = 200;
/// So is a letter presumed to be.
const MAIL_MS: u32 = 1_000;
/// A demonstration need not fill gigabytes with prepared segments.
const SEGMENT_MIB: u64 = 64;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// End when done instead of going on serving; any free ports are used.
    #[arg(long)]
    exit: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Told {
    data: PathBuf,
    dimse: SocketAddr,
    http: SocketAddr,
    studies: Vec<StudyTold>,
    written: WrittenTold,
    users: Vec<&'static str>,
    password: String,
    requests: Vec<RequestTold>,
}

#[derive(Serialize)]
struct StudyTold {
    patient_name: String,
    patient_id: String,
    patient_birth_date: String,
    study_instance_uid: String,
    accession_number: String,
    description: String,
    modality: String,
    instances: u64,
    source_bytes: u64,
    archive_bytes: u64,
}

#[derive(Serialize)]
struct WrittenTold {
    folder: PathBuf,
    files: u64,
    bytes: u64,
}

pub(super) async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<ExitCode> {
    config.spool.segment_mib = SEGMENT_MIB;
    config.spool.prepared_segments = 1;
    config.carrier.sandbox_step_ms = CARRIER_STEP_MS;
    config.carrier.sandbox_mail_ms = MAIL_MS;
    if arguments.exit {
        config.dimse.listen.set_port(0);
        config.http.listen.set_port(0);
    }
    let data = config.data.0.clone();
    let shown = data.display().to_string();
    let mut say = Say { out: Out::stdout(), quiet: arguments.json };
    let serving = Serving::begin(config).await?;
    say.line(format_args!("serving DIMSE on {} and HTTP on {}", serving.dimse, serving.http))?;
    let sent = [samples::ct(SLICES, SEED), samples::xray(SEED), samples::ultrasound_cine(SEED)];
    for study in &sent {
        send(&mut say, serving.dimse, study.clone()).await?;
    }
    let begun = Instant::now();
    serving.taking.settle_now(&mut |_| {}).await?;
    say.line(format_args!("settled into sealed archives in {} ms", begun.elapsed().as_millis()))?;
    let mut told = Vec::new();
    for study in &sent {
        told.push(tell(&mut say, &serving, study).await?);
    }
    let written = write_out(&serving, &sent[0], &data.join("written")).await?;
    say.line(format_args!(
        "wrote {} of the CT study out again, each compared with its digest: {}",
        count(written.files, "file", "files"),
        written.folder.display()
    ))?;
    let (requests, password) = carry_requests(&mut say, &serving, &sent[0], &data).await?;
    if arguments.json {
        let (dimse, http, users) = (serving.dimse, serving.http, staff::LOGINS.to_vec());
        Out::stdout().json(&Told { data, dimse, http, studies: told, written, users, password, requests })?;
    }
    if !arguments.exit {
        say.line(format_args!("going on serving; see what is kept with `filmroom studies --data {shown}`"))?;
        tokio::signal::ctrl_c().await?;
    }
    serving.end().await?;
    Ok(ExitCode::SUCCESS)
}

struct Say {
    out: Out,
    quiet: bool,
}

impl Say {
    fn line(&mut self, text: std::fmt::Arguments<'_>) -> std::io::Result<()> {
        if self.quiet { Ok(()) } else { self.out.line(text) }
    }
}

async fn send(say: &mut Say, to: SocketAddr, study: SampleStudy) -> anyhow::Result<()> {
    let begun = Instant::now();
    let name = format!("{} {}", study.modality, study.study_description);
    let (instances, bytes) = tokio::task::spawn_blocking(move || send_all(to, &study)).await??;
    say.line(format_args!(
        "sent {name}: {}, {} in {} ms, each durable before it was acknowledged",
        count(instances, "instance", "instances"),
        print::bytes(bytes),
        begun.elapsed().as_millis()
    ))?;
    Ok(())
}

fn send_all(to: SocketAddr, study: &SampleStudy) -> anyhow::Result<(u64, u64)> {
    let first = study.instances.first().context("a sample study has instances")?;
    let contexts =
        [(VERIFICATION, first.transfer_syntax_uid), (first.sop_class_uid, first.transfer_syntax_uid)];
    let mut scu = Scu::connect(to, "DEMO-MODALITY", "FILMROOM", &contexts, Timeouts::default())?;
    ensure!(scu.echo()? == 0, "the echo was not answered with success");
    let (mut instances, mut bytes) = (0, 0);
    for (index, instance) in study.instances.iter().enumerate() {
        let data_set = study.dataset(index)?;
        let uid = &instance.sop_instance_uid;
        let status = scu.store(instance.sop_class_uid, uid, instance.transfer_syntax_uid, &data_set)?;
        ensure!(status == 0, "an instance was answered with status {status:04X}");
        instances += 1;
        bytes += data_set.len() as u64;
    }
    scu.release()?;
    Ok((instances, bytes))
}

async fn find(serving: &Serving, sample: &SampleStudy) -> anyhow::Result<StudySummary> {
    let uid = sample.study_instance_uid.clone();
    let filter = StudyFilter { study_instance_uid: Some(uid), limit: 1, ..StudyFilter::default() };
    let found = studies::list(&serving.taking.library.db, &filter).await?;
    found.into_iter().next().context("a study that was sent is not found again")
}

async fn tell(say: &mut Say, serving: &Serving, sample: &SampleStudy) -> anyhow::Result<StudyTold> {
    let study = find(serving, sample).await?;
    let db = &serving.taking.library.db;
    ensure!(study.settled_at.is_some(), "a study was not settled");
    let (mut source_bytes, mut archive_bytes) = (0, 0);
    for archive in archives::kept_of(db, &study.id).await? {
        if let crate::model::ArchiveState::Kept { sizes, .. } = archive.state {
            source_bytes += sizes.source_bytes;
            archive_bytes += sizes.blob_bytes;
        }
    }
    say.line(format_args!(
        "kept {} ({}), born {}: {}, {}, {} sealed as {}",
        study.patient.name,
        study.patient.patient_id,
        study.patient.birth_date,
        study.description,
        count(study.instance_count, "instance", "instances"),
        print::bytes(source_bytes),
        print::bytes(archive_bytes)
    ))?;
    Ok(StudyTold {
        patient_name: study.patient.name,
        patient_id: study.patient.patient_id,
        patient_birth_date: study.patient.birth_date,
        study_instance_uid: study.study_instance_uid,
        accession_number: study.accession_number,
        description: study.description,
        modality: study.modalities.join("/"),
        instances: study.instance_count,
        source_bytes,
        archive_bytes,
    })
}

/// One request by each delivery, to its end; and what the staff sign in with.
async fn carry_requests(
    say: &mut Say,
    serving: &Serving,
    sample: &SampleStudy,
    data: &Path,
) -> anyhow::Result<(Vec<RequestTold>, String)> {
    let library = &serving.taking.library;
    let parcels = parcels::parcels(library)?;
    let site = parcels.sites.values().next().context("no site is configured")?.clone();
    let team = Team::hire(library, &site).await?;
    let study = find(serving, sample).await?;
    let server = serving.url.as_str().to_owned();
    let desk = Desk { library, site, parcels, team: &team, server, data: data.to_owned() };
    let mut requests = Vec::new();
    for way in Way::ALL {
        let told = desk.carry(&study, way).await?;
        tell_request(say, &told)?;
        requests.push(told);
    }
    say.line(format_args!(
        "sign in at {}/staff as {} with the password: {}",
        serving.url.as_str(),
        staff::LOGINS.join(", "),
        team.password
    ))?;
    Ok((requests, team.password))
}

fn tell_request(say: &mut Say, told: &RequestTold) -> std::io::Result<()> {
    let RequestTold { reference, delivery, state, delivery_state, .. } = told;
    say.line(format_args!("request {reference} by {delivery}: {state}, its delivery {delivery_state}"))?;
    if let (Some(link), Some(code)) = (&told.link, &told.access_code) {
        say.line(format_args!(
            "  open {link}\n  with birth date {} and access code {code}",
            told.birth_date
        ))?;
    }
    if let (Some(image), Some(code)) = (&told.disc_image, &told.passphrase) {
        say.line(format_args!("  disc {}\n  with opening code {code}", image.display()))?;
    }
    if let (Some(number), Some(charge)) = (&told.tracking_number, &told.charge_state) {
        say.line(format_args!("  tracking number {number}, its fee {charge}"))?;
    }
    Ok(())
}

/// Writes every instance of a study out as a Part 10 file, after comparing it with its digest.
async fn write_out(serving: &Serving, sample: &SampleStudy, folder: &Path) -> anyhow::Result<WrittenTold> {
    let study = find(serving, sample).await?;
    let library = serving.taking.library.clone();
    let instances = studies::instances_of(&library.db, &study.id).await?;
    let mut archived = archives::kept_of(&library.db, &study.id).await?;
    archived.retain(|archive| instances.iter().any(|instance| is_in(instance, &archive.id)));
    let folder = folder.to_owned();
    let writing = tokio::task::spawn_blocking(move || -> anyhow::Result<WrittenTold> {
        std::fs::create_dir_all(&folder)?;
        let (mut files, mut bytes) = (0, 0);
        for archive in &archived {
            let mut open = OpenArchive::open(&*library.blobs, &library.keys, archive)?;
            for instance in
                instances.iter().filter(|instance| instance.current && is_in(instance, &archive.id))
            {
                open.verify(instance)?;
                let mut reader = open.range(instance, 0..instance.size_bytes)?;
                files += 1;
                let mut file = std::fs::File::create(folder.join(format!("IM{files:06}.dcm")))?;
                bytes += std::io::copy(&mut reader, &mut file)?;
                ensure!(
                    read_through(&mut reader.by_ref())? == 0,
                    "an instance is longer than the index says"
                );
            }
        }
        Ok(WrittenTold { folder, files, bytes })
    });
    let written = writing.await??;
    ensure!(written.files == study.instance_count, "not every instance was written out");
    Ok(written)
}

fn is_in(instance: &InstanceRow, archive: &str) -> bool {
    matches!(&instance.place, Place::Archive { archive: own, .. } if own == archive)
}
