//! `filmroom package disc --plain` and `--secure`: discs of DICOM files, in the clear or each of them secured.

use super::disc::{DiscArguments, Report, Written, largest, medium_for, print, write_all};
use super::{Prepared, prepare};
use crate::app::Library;
use crate::cli::print;
use crate::config::Config;
use crate::desk::package::{self, FileArchive, FileBlob, FileDisc, Making};
use crate::ids::new_id;
use crate::store::blob::BlobKey;
use anyhow::ensure;
use burn_queue::Medium;
use imaging::seal::{DataKey, SealedReader};
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
        // Their keys are known nowhere else: the archives are of no more use when the images are written.
        let file_keys = [DataKey::fresh(&*chance), DataKey::fresh(&*chance)];
        let [plain, secure] =
            [0, 1].map(|at| FileBlob { blobs: &*blobs, name: &names[at], key: &file_keys[at] });
        let making =
            Making { now_ms, zone: TimeZone::UTC, institution: None, key: &signing, others: Vec::new() };
        let most = largest(media).capacity_bytes();
        let made = || -> anyhow::Result<Report> {
            let archive = package::write_plain(&recipe, &keys, &plain, &*chance)?;
            may_be_on(&archive, media)?;
            let Some((code, _)) = &code else {
                let discs = package::plain_discs(&archive, &making, most)?;
                return write(&archive, archive.profile.names(), (discs, &plain), media, &out);
            };
            let locker = Locker::new(code, &*chance)?;
            let secured = package::write_secure(&archive, &plain, &locker, &secure, &*chance)?;
            let discs = package::secure_discs(&secured, &locker, &making, most, &*chance)?;
            write(&archive, archive.profile.secure_names(), (discs, &secure), media, &out)
        };
        let made = made();
        names.iter().try_for_each(|name| blobs.delete(name))?;
        made
    });
    print(&Report { passphrase, ..writing.await?? }, json)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the medium that was asked for is one for what the archive holds.
fn may_be_on(archive: &FileArchive, asked: Option<Medium>) -> anyhow::Result<()> {
    let least = archive.least_medium();
    ensure!(
        asked.is_none_or(|asked| asked >= least),
        "some of the images can only stay compressed, which no application profile allows on a cd: the smallest \
         medium is {least}"
    );
    Ok(())
}

/// Writes the images, whose object 0 is a blob, and says what is in them.
fn write(
    archive: &FileArchive,
    profile: &'static str,
    (discs, from): (Vec<FileDisc>, &FileBlob<'_>),
    media: Option<Medium>,
    out: &Path,
) -> anyhow::Result<Report> {
    let media = medium_for(discs.iter().map(|disc| &disc.image), media).max(archive.least_medium());
    let discs = discs.into_iter().map(|FileDisc { contents, image }| {
        let objects = vec![SealedReader::open(from.blobs.open(from.name)?, from.key)?];
        Ok((contents.counts(), image, objects))
    });
    let Written { discs, written_in_ms } = write_all(discs.collect::<anyhow::Result<_>>()?, out)?;
    Ok(Report {
        media,
        bytes: discs.iter().map(|disc| disc.bytes).sum(),
        counts: archive.contents.counts(),
        discs,
        passphrase: None,
        signed_with: None,
        profile: Some(profile),
        withheld: archive.contents.withheld().to_vec(),
        written_in_ms,
    })
}
