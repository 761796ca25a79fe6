//! Measures what settling a study costs: every file of a folder is read, digested, deflated, sealed and
//! written with a sync, then the archive is read back, unsealed, inflated and verified. And what handing it
//! out costs: the ZIP archive of it is laid out, and produced to its end for nobody, several times.
//!
//! ```text
//! cargo run --release -p imaging --example settle_bench FOLDER [FOLDER-TO-WRITE-IN]
//! ```
//!
//! Rates are per million bytes of source, by the wall clock and by the processor time of the one thread
//! that does the work; the latter is what one core settles when others have to share the machine.

use imaging::archive::{ArchiveReader, ArchiveWriter, Member, Method};
use imaging::chance::OsChance;
use imaging::disk::{Access, Disk, HostDisk};
use imaging::seal::{DataKey, SealedReader};
use imaging::zip::{Modified, Zip};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ARCHIVE: &str = "archive";
/// How often the ZIP archive is produced: once is too quick to be timed.
const TIMES: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("which folder?")?;
    let scratch = tempfile::tempdir_in(arguments.next().unwrap_or_else(std::env::temp_dir))?;
    let key = DataKey::fresh(&OsChance);

    let start = Moment::now()?;
    let (members, sealed_bytes) = write_archive(&folder, scratch.path(), &key)?;
    let written = start.since()?;
    let start = Moment::now()?;
    verify_archive(&members, scratch.path(), &key)?;
    let verified = start.since()?;

    let start = Moment::now()?;
    for _ in 0..TIMES {
        hand_out(&members, scratch.path(), &key)?;
    }
    let handed_out = start.since()? / TIMES;

    let source_bytes: u64 = members.iter().map(|member| member.source_bytes).sum();
    let stored = members.iter().filter(|member| member.method == Method::Stored).count();
    let mut out = io::stdout().lock();
    writeln!(out, "{} files, {stored} stored, {source_bytes} bytes to {sealed_bytes}", members.len())?;
    writeln!(out, "ratio {:.3}", source_bytes as f64 / sealed_bytes as f64)?;
    for (what, spent) in
        [("write", written), ("verify", verified), ("settle", written + verified), ("hand out", handed_out)]
    {
        let rate = |time: Duration| source_bytes as f64 / 1e6 / time.as_secs_f64();
        writeln!(
            out,
            "{what}: {:.1} MB/s, {:.1} MB/s of processor",
            rate(spent.wall),
            rate(spent.processor)
        )?;
    }
    writeln!(out, "peak memory {}", peak_memory()?)?;
    Ok(())
}

fn write_archive(folder: &Path, into: &Path, key: &DataKey) -> Result<(Vec<Member>, u64), Box<dyn Error>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.sort();
    let sink = BufWriter::with_capacity(1 << 20, File::create(into.join(ARCHIVE))?);
    let mut archive = ArchiveWriter::new(sink, key, &OsChance)?;
    let members = files
        .iter()
        .map(|file| Ok(archive.add(&mut File::open(file)?, 132)?))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let finished = archive.finish()?;
    finished.sink.into_inner()?.sync_all()?;
    Ok((members, finished.sealed_bytes))
}

fn verify_archive(members: &[Member], dir: &Path, key: &DataKey) -> Result<(), Box<dyn Error>> {
    let mut archive = ArchiveReader::open(HostDisk::new(dir)?.open(ARCHIVE, Access::Read)?, key)?;
    for member in members {
        archive.verify(member)?;
    }
    Ok(())
}

/// Produces the ZIP archive as a server does, a piece at a time.
fn hand_out(members: &[Member], dir: &Path, key: &DataKey) -> Result<(), Box<dyn Error>> {
    let modified = Modified::at(2026, 1, 1, 0, 0, 0).ok_or("no time")?;
    let mut zip = Zip::new(modified);
    for (number, member) in members.iter().enumerate() {
        zip.member(&format!("DICOM/IM{number:06}"), 0, member)?;
    }
    let layout = zip.finish();
    let archive = SealedReader::open(HostDisk::new(dir)?.open(ARCHIVE, Access::Read)?, key)?;
    let mut file = layout.range(0..layout.len(), vec![archive])?;
    let mut piece = vec![0; 256 * 1024];
    while file.read(&mut piece)? > 0 {}
    Ok(())
}

/// A point in time, and how long this thread has run until then.
struct Moment {
    wall: Instant,
    processor: Duration,
}

#[derive(Clone, Copy)]
struct Spent {
    wall: Duration,
    processor: Duration,
}

impl Moment {
    fn now() -> io::Result<Self> {
        let schedstat = fs::read_to_string("/proc/thread-self/schedstat")?;
        let nanoseconds = schedstat.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0);
        Ok(Self { wall: Instant::now(), processor: Duration::from_nanos(nanoseconds) })
    }

    fn since(&self) -> io::Result<Spent> {
        let now = Self::now()?;
        Ok(Spent { wall: now.wall - self.wall, processor: now.processor - self.processor })
    }
}

impl std::ops::Div<u32> for Spent {
    type Output = Self;

    fn div(self, times: u32) -> Self {
        Self { wall: self.wall / times, processor: self.processor / times }
    }
}

impl std::ops::Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, processor: self.processor + other.processor }
    }
}

fn peak_memory() -> io::Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak.unwrap_or("unknown").trim().to_owned())
}
