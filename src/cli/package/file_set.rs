//! `filmroom package disc --plain` and `--secure`: discs of DICOM files, in the clear or each of them secured.

use super::disc::{DiscArguments, medium_for};
use super::write::write_whole;
use super::{Prepared, prepare, print_contents};
use crate::app::Library;
use crate::cli::print::{self, Out};
use crate::config::Config;
use crate::desk::package::{self, Making, PlainArchive, PlainBlob};
use crate::ids::new_id;
use crate::store::blob::BlobKey;
use anyhow::ensure;
use burn_queue::Medium;
use imaging::layout::Layout;
use imaging::package::{Counts, Withheld};
use imaging::seal::{DataKey, SealedReader};
use imaging::secure_media::Locker;
use imaging::sign::SigningKey;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Who can see what is on a disc of DICOM files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// Whoever has it.
    None,
    /// Whoever has its code, and a program that reads DICOM Secure Media.
    SecureMedia,
}

#[derive(Serialize)]
struct Report {
    path: PathBuf,
    bytes: u64,
    media: Medium,
    /// The opening code, if there is one and it was made here.
    passphrase: Option<String>,
    /// The application profiles of PS3.11 it meets, by the medium it is written to.
    profile: &'static str,
    counts: Counts,
    withheld: Vec<Withheld>,
    /// What writing took, without transcoding and securing.
    written_in_ms: u64,
}

pub(super) async fn run(
    config: Config,
    arguments: DiscArguments,
    protection: Protection,
) -> anyhow::Result<ExitCode> {
    if protection == Protection::None {
        print::warn("a plain disc is not encrypted: whoever has it can see the images, and whose they are");
    }
    let library = Library::open(config).await?;
    let (blobs, keys, chance) =
        (Arc::clone(&library.blobs), Arc::clone(&library.keys), Arc::clone(&library.chance));
    let code = match protection {
        Protection::None => None,
        Protection::SecureMedia => Some(arguments.code(&*chance)?),
    };
    let DiscArguments { package: arguments, media, .. } = arguments;
    let Prepared { recipe, key: signing, now_ms, .. } = prepare(library, &arguments).await?;
    let names = [BlobKey::new(new_id(now_ms, &*chance))?, BlobKey::new(new_id(now_ms, &*chance))?];
    let passphrase = code.as_ref().filter(|(_, given)| !given).map(|(code, _)| code.reveal().to_owned());
    let (out, json) = (arguments.out, arguments.json);
    let writing = tokio::task::spawn_blocking(move || {
        // Their keys are known nowhere else: the archives are of no more use when the image is written.
        let file_keys = [DataKey::fresh(&*chance), DataKey::fresh(&*chance)];
        let [plain, secure] =
            [0, 1].map(|at| PlainBlob { blobs: &*blobs, name: &names[at], key: &file_keys[at] });
        let making = making(now_ms, &signing);
        let made = || -> anyhow::Result<Report> {
            let archive = package::write_plain(&recipe, &keys, &plain, &*chance)?;
            let Some((code, _)) = &code else {
                let image = package::plain_image(&archive, &making)?;
                return write(&archive, archive.profile.names(), (image, &plain), media, &out);
            };
            let locker = Locker::new(code, &*chance)?;
            let secured = package::write_secure(&archive, &plain, &locker, &secure, &making, &*chance)?;
            let image = package::secure_image(&archive, &secured, &making)?;
            write(&archive, archive.profile.secure_names(), (image, &secure), media, &out)
        };
        let made = made();
        names.iter().try_for_each(|name| blobs.delete(name))?;
        made
    });
    let report = Report { passphrase, ..writing.await?? };
    print(&report, json)?;
    Ok(ExitCode::SUCCESS)
}

fn making(now_ms: i64, key: &SigningKey) -> Making<'_> {
    Making { now_ms, zone: TimeZone::UTC, institution: None, key, others: Vec::new() }
}

/// Writes the image, whose object 0 is a blob, and says what is in it.
fn write(
    archive: &PlainArchive,
    profile: &'static str,
    (image, from): (Layout, &PlainBlob<'_>),
    media: Option<Medium>,
    out: &Path,
) -> anyhow::Result<Report> {
    let bytes = image.len();
    let least = if archive.profile.allows_cd() { Medium::Cd } else { Medium::Dvd };
    ensure!(
        media.is_none_or(|media| media >= least),
        "some of the images can only stay compressed, which no application profile allows on a cd: the smallest \
         medium is {least}"
    );
    let media = medium_for(bytes, media)?.max(least);
    let bar = print::progress_bar("{wide_bar} {bytes}/{total_bytes} {eta}");
    bar.set_length(bytes);
    let begun = Instant::now();
    let objects = vec![SealedReader::open(from.blobs.open(from.name)?, from.key)?];
    write_whole(&mut image.range(0..bytes, objects)?, out, &bar)?;
    bar.finish_and_clear();
    Ok(Report {
        path: out.to_owned(),
        bytes,
        media,
        passphrase: None,
        profile,
        counts: archive.contents.counts(),
        withheld: archive.contents.withheld().to_vec(),
        written_in_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn print(report: &Report, json: bool) -> std::io::Result<()> {
    let mut out = Out::stdout();
    if json {
        return out.json(report);
    }
    let place = format!("for a {} in {}", report.media, report.path.display());
    print_contents(&mut out, &report.withheld, &report.counts, (report.bytes, &place))?;
    out.line(format_args!("application profile: {}", report.profile))?;
    if let Some(passphrase) = &report.passphrase {
        out.line(format_args!("opening code, kept nowhere else: {passphrase}"))?;
    }
    Ok(())
}
