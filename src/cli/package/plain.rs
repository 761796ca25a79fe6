//! `filmroom package disc --plain`.

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
use imaging::package::{Counts, Withheld};
use imaging::seal::{DataKey, SealedReader};
use imaging::sign::SigningKey;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[derive(Serialize)]
struct Report {
    path: PathBuf,
    bytes: u64,
    media: Medium,
    /// The application profiles of PS3.11 it meets, by the medium it is written to.
    profile: &'static str,
    counts: Counts,
    withheld: Vec<Withheld>,
    /// What writing took, without transcoding.
    written_in_ms: u64,
}

pub(super) async fn run(config: Config, arguments: DiscArguments) -> anyhow::Result<ExitCode> {
    let DiscArguments { package: arguments, media, .. } = arguments;
    print::warn("a plain disc is not encrypted: whoever has it can see the images, and whose they are");
    let library = Library::open(config).await?;
    let (blobs, keys, chance) =
        (Arc::clone(&library.blobs), Arc::clone(&library.keys), Arc::clone(&library.chance));
    let Prepared { recipe, key: signing, now_ms, .. } = prepare(library, &arguments).await?;
    let name = BlobKey::new(new_id(now_ms, &*chance))?;
    let (out, json) = (arguments.out, arguments.json);
    let writing = tokio::task::spawn_blocking(move || {
        let key = DataKey::fresh(&*chance);
        let to = PlainBlob { blobs: &*blobs, name: &name, key: &key };
        let written = package::write_plain(&recipe, &keys, &to, &*chance)
            .map_err(anyhow::Error::from)
            .and_then(|archive| write(&archive, &to, (now_ms, &signing), media, out));
        // Its key is known nowhere else: it is of no more use.
        blobs.delete(&name)?;
        written
    });
    let report = writing.await??;
    print(&report, json)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the image, and says what is in it.
fn write(
    archive: &PlainArchive,
    from: &PlainBlob<'_>,
    (now_ms, key): (i64, &SigningKey),
    media: Option<Medium>,
    out: PathBuf,
) -> anyhow::Result<Report> {
    let making = Making { now_ms, zone: TimeZone::UTC, institution: None, key, others: Vec::new() };
    let image = package::plain_image(archive, &making)?;
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
    write_whole(&mut image.range(0..bytes, objects)?, &out, &bar)?;
    bar.finish_and_clear();
    Ok(Report {
        path: out,
        bytes,
        media,
        profile: archive.profile.names(),
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
    out.line(format_args!("application profile: {}", report.profile))
}
