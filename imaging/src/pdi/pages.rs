//! What people read on a plain disc. Pages are XHTML Basic, without scripts and pictures.

use super::{PlainDisc, README, WEB};
use crate::disc::{OtherDisc, OtherStudy};
use crate::package::{Counts, Institution, Patient, Study};

/// `INDEX.HTM`: who made the disc, and where to go on.
pub(super) fn entry(disc: &PlainDisc<'_>) -> String {
    let Counts { studies, instances, .. } = disc.contents.counts();
    let made_by = disc.institution.map(|Institution { name, contact }| {
        let contact: String = contact.iter().map(|line| format!("<br/>{}", text(line))).collect();
        format!("<p>{}{contact}</p>\n", text(name))
    });
    page(
        "Medical images",
        &format!(
            "{made_by}<p>Made on {made_on}. This disc is not encrypted: whoever has it can see what is on it.</p>\n\
             {place}<ul>\n<li><a href=\"{WEB}/INDEX.HTM\">What is on this disc</a>: {studies}, {instances}, which any DICOM \
             reader imports</li>\n<li><a href=\"{README}\">About this disc</a></li>\n</ul>\n",
            made_by = made_by.unwrap_or_default(),
            made_on = text(disc.made_on),
            place = place(disc).map(|place| format!("<p>{place}</p>\n")).unwrap_or_default(),
            studies = count(studies, "study", "studies"),
            instances = count(instances, "image or document", "images and documents"),
        ),
    )
}

/// `IHE_PDI/INDEX.HTM`: the studies.
pub(super) fn studies(disc: &PlainDisc<'_>) -> String {
    let mut body = String::new();
    for patient in disc.contents.patients() {
        let Patient { name, id, birth_date, studies, .. } = patient;
        let about = [("Patient ID", id.clone()), ("Born", date(birth_date))];
        let about = about.iter().filter(|(_, value)| !value.is_empty());
        let about: Vec<String> = about.map(|(what, value)| format!("{what}: {}", text(value))).collect();
        body += &format!("<h2>{}</h2>\n<p>{}</p>\n", text(&person(name)), about.join("; "));
        body += "<table>\n<tr><th>Date</th><th>Study</th><th>Kind</th><th>Images and documents</th></tr>\n";
        studies.iter().for_each(|study| body += &row(study));
        body += "</table>\n";
    }
    let unlisted = disc.contents.files().filter(|file| file.instance.record().is_none());
    let unlisted: Vec<String> = unlisted.map(|file| format!("<li>{}</li>\n", file.id.path())).collect();
    if !unlisted.is_empty() {
        body += "<p>Not in the DICOMDIR, because readers in use do not know their kind:</p>\n";
        body += &format!("<ul>\n{}</ul>\n", unlisted.concat());
    }
    if !disc.contents.withheld().is_empty() {
        let number = disc.contents.withheld().len() as u64;
        body += &format!(
            "<p>Not on this disc, because what the hospital has of them is damaged: {}.</p>\n",
            count(number, "image or document", "images and documents")
        );
    }
    body += &elsewhere(disc);
    body += "<p><a href=\"../INDEX.HTM\">Back</a></p>\n";
    page("What is on this disc", &body)
}

/// Which disc of a set it is; nothing if there is no other.
pub(super) fn place(disc: &PlainDisc<'_>) -> Option<String> {
    (disc.set.len() > 1).then(|| format!("This is disc {} of {}.", disc.number, disc.set.len()))
}

/// What is on the other discs of the set.
fn elsewhere(disc: &PlainDisc<'_>) -> String {
    let study = |OtherStudy { date: day, description, modalities, instances, .. }: &OtherStudy| {
        let number = count(*instances, "image or document", "images and documents");
        let words = [date(day), description.clone(), modalities.join(", "), number];
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        format!("<li>{}</li>\n", text(&words.join(", ")))
    };
    let others = disc.set.iter().filter(|other| other.number != disc.number);
    let others = others.map(|OtherDisc { number, studies }| {
        let studies: String = studies.iter().map(study).collect();
        format!("<h2>On disc {number} of {}</h2>\n<ul>\n{studies}</ul>\n", disc.set.len())
    });
    others.collect()
}

fn row(study: &Study) -> String {
    let mut kinds: Vec<&str> = study.series.iter().map(|series| series.modality.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let instances: usize = study.series.iter().map(|series| series.instances.len()).sum();
    let cells = [date(&study.date), study.description.clone(), kinds.join(", "), instances.to_string()];
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", text(cell))).collect();
    format!("<tr>{cells}</tr>\n")
}

/// `README.TXT`, lines ended as Windows ends them. It names no patient (RAD TF-2 4.47.4.1.2.2).
pub(super) fn readme(disc: &PlainDisc<'_>) -> String {
    let made_by = disc
        .institution
        .map(|Institution { name, contact }| format!("Made by {name}\n{}\n", contact.join("\n")));
    let text = format!(
        "MEDICAL IMAGES (DICOM)\n\
         \n\
         {made_by}\
         Made on {made_on}. Written by Filmroom {version}.\n\
         {place}\
         \n\
         This disc is NOT encrypted: whoever has it can see the images, and whose they\n\
         are. Keep it accordingly.\n\
         \n\
         WHAT IS HERE\n\
         \n\
         DICOMDIR      the list of images that viewers and hospitals read: open this\n\
         DICOM         the images\n\
         INDEX.HTM     where to begin in a browser\n\
         IHE_PDI       the list of studies, for a browser\n\
         \n\
         There is no viewer on this disc, and nothing on it starts by itself. Any DICOM\n\
         viewer opens it, and any hospital's image archive takes it in.\n\
         \n\
         FOR HOSPITALS AND PRACTICES\n\
         \n\
         An IHE Portable Data for Imaging disc. Application profile (DICOM PS3.11):\n\
         {profile}.\n\
         Images may have been received in another transfer syntax; their pixels and\n\
         UIDs are the same.\n",
        made_by = made_by.unwrap_or_default(),
        made_on = disc.made_on,
        place = place(disc).map(|place| format!("{place}\n")).unwrap_or_default(),
        version = env!("CARGO_PKG_VERSION"),
        profile = disc.profile.names(),
    );
    text.replace('\n', "\r\n")
}

pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML Basic 1.0//EN\" \
         \"http://www.w3.org/TR/xhtml-basic/xhtml-basic10.dtd\">\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\">\n\
         <head>\n\
         <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"/>\n\
         <title>{title}</title>\n\
         </head>\n\
         <body>\n\
         <h1>{title}</h1>\n\
         {body}\
         </body>\n\
         </html>\n"
    )
}

/// A text between tags.
pub(super) fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A person's name as people write it: components of the first group (PS3.5 §6.2.1).
fn person(name: &str) -> String {
    let mut components = name.split('=').find(|group| !group.is_empty()).unwrap_or_default().split('^');
    let family = components.next().unwrap_or_default();
    let given: Vec<&str> = components.filter(|component| !component.is_empty()).collect();
    match (family, given.is_empty()) {
        ("", true) => "Name not known".to_owned(),
        (family, true) => family.to_owned(),
        (family, false) => format!("{family}, {}", given.join(" ")),
    }
}

/// `YYYYMMDD` with hyphens; anything else as it is.
fn date(date: &str) -> String {
    match (date.get(..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) if date.len() == 8 => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
