//! `filmroom package disc --plain` and `--secure`: discs of DICOM files, in the clear or each of them secured.

use super::disc::{DiscArguments, Report, Written, largest, medium_for, print, write_all};
use super::{Prepared, prepare};
use crate::app::Library;
use crate::cli::print;
use crate::config::Config;
use crate::desk::package::{self, DiscSource, FileArchive, FileDisc, FileDiscs, Making};
use crate::ids::new_id;
use crate::store::blob::{BlobKey, BlobStore};
use burn_queue::Medium;
use imaging::secure_media::Locker;
use jiff::tz::TimeZone;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Who can see what is on a disc of DICOM files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// Whoever has it.
    None,
    /// Whoever has its code, and a program that reads DICOM Secure Media.
    SecureMedia,
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
        let making =
            Making { now_ms, zone: TimeZone::UTC, institution: None, key: &signing, others: Vec::new() };
        let [plain, secure] = &names;
        let source = DiscSource {
            recipe: &recipe,
            keys: &keys,
            blobs: &*blobs,
            names: [plain, secure],
            largest: largest(media),
        };
        let made = || -> anyhow::Result<Report> {
            let locker = code.as_ref().map(|(code, _)| Locker::new(code, &*chance)).transpose()?;
            let made = package::file_discs(&source, locker.as_ref(), &making, &*chance)?;
            write(made, protection, &*blobs, media, &out)
        };
        let made = made();
        // Their keys are known nowhere else: the files are of no more use when the images are written.
        for name in &names {
            if let Err(error) = blobs.delete(name) {
                print::warn(&format!("files that were written for the disc stay: blob {name}: {error}"));
            }
        }
        made
    });
    print(&Report { passphrase, ..writing.await?? }, json)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the images, and says what is in them.
fn write(
    made: FileDiscs,
    protection: Protection,
    blobs: &dyn BlobStore,
    media: Option<Medium>,
    out: &Path,
) -> anyhow::Result<Report> {
    let FileArchive { contents, profile } = &made.archive;
    let media = medium_for(made.discs.iter().map(|disc| &disc.image), media).max(made.archive.least_medium());
    let discs = made
        .discs
        .iter()
        .map(|FileDisc { contents, image }| Ok((contents.counts(), image.clone(), vec![made.files(blobs)?])));
    let Written { discs, written_in_ms } = write_all(discs.collect::<anyhow::Result<_>>()?, out)?;
    Ok(Report {
        media,
        bytes: discs.iter().map(|disc| disc.bytes).sum(),
        counts: contents.counts(),
        discs,
        passphrase: None,
        signed_with: None,
        profile: Some(match protection {
            Protection::None => profile.names(),
            Protection::SecureMedia => profile.secure_names(),
        }),
        withheld: contents.withheld().to_vec(),
        written_in_ms,
    })
}
