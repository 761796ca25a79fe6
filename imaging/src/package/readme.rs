//! `README.TXT`: for people who open the package without knowing what it is.
//!
//! It names no patient: on a disc it may lie in the clear. What it must say is in IHE RAD TF-2, 4.47.4.1.2.

use super::Contents;
use crate::dicomdir;
use crate::manifest;

/// Its name in a package.
pub(super) const NAME: &str = "README.TXT";

/// Who hands a package out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its name.
    pub name: String,
    /// How to reach it: address, telephone, hours, a line each.
    pub contact: Vec<String>,
}

/// Its text, lines ended as Windows ends them.
pub(super) fn text(contents: &Contents, institution: Option<&Institution>, key_id: &str) -> String {
    let counts = contents.counts();
    let made_by = match institution {
        Some(Institution { name, contact }) => format!("Made by {name}\n{}\n", contact.join("\n")),
        None => String::new(),
    };
    let (directory, manifest, signature) = (dicomdir::NAME, manifest::NAME, manifest::SIGNATURE_NAME);
    let text = format!(
        "MEDICAL IMAGES (DICOM)\n\
         \n\
         {made_by}\
         Written by Filmroom {version}.\n\
         \n\
         This is a copy of medical images: {instances} in {studies}.\n\
         They can be opened with any DICOM viewer, and taken in by any hospital's image archive.\n\
         Keep this copy: it is yours. Whoever has it can see what is in it.\n\
         \n\
         WHAT IS HERE\n\
         \n\
         {directory:<13} the list of images that viewers and hospitals read: open this\n\
         DICOM         the images, unchanged, as the hospital received them\n\
         {manifest:<13} every file with its length and SHA-256 checksum, as JSON\n\
         {signature:<13} the signature of {manifest}\n\
         \n\
         TO CHECK THAT NOTHING IS MISSING OR CHANGED\n\
         \n\
         Compare the checksums in {manifest} with those of the files. {manifest} itself is signed\n\
         (Ed25519) with the key {key_id}; the hospital gives out its public key. With OpenSSL 3:\n\
         \n\
         openssl pkeyutl -verify -pubin -inkey KEY.PEM -rawin -in {manifest} -sigfile {signature}\n\
         {withheld}",
        version = env!("CARGO_PKG_VERSION"),
        instances = count(counts.instances, "image or document", "images and documents"),
        studies = count(counts.studies, "examination", "examinations"),
        withheld = withheld(counts.withheld),
    );
    text.replace('\n', "\r\n")
}

fn withheld(number: u64) -> String {
    match number {
        0 => String::new(),
        _ => format!(
            "\nNOT HERE\n\n{} of these examinations could not be included, because what the\n\
             hospital has of them is damaged. {} lists them.\n",
            count(number, "image or document", "images and documents"),
            manifest::NAME
        ),
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
