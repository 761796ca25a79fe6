//! What people read on a disc of Secure DICOM files. It says nothing of what is on it.

use super::pages::{page, place, text};
use super::{PlainDisc, README};
use crate::package::Institution;

/// `INDEX.HTM`: who made the disc, and who can open it.
pub(super) fn entry(disc: &PlainDisc<'_>) -> String {
    let made_by = disc.institution.map(|Institution { name, contact }| {
        let contact: String = contact.iter().map(|line| format!("<br/>{}", text(line))).collect();
        format!("<p>{}{contact}</p>\n", text(name))
    });
    page(
        "Medical images, encrypted",
        &format!(
            "{made_by}<p>Made on {made_on}. The images on this disc, and whose they are, are encrypted. Programs that \
             read DICOM Secure Media open them with the opening code, which comes apart from this disc.</p>\n\
             {place}<p><a href=\"{README}\">About this disc</a></p>\n",
            made_by = made_by.unwrap_or_default(),
            made_on = text(disc.made_on),
            place = place(disc).map(|place| format!("<p>{place}</p>\n")).unwrap_or_default(),
        ),
    )
}

/// `IHE_PDI/INDEX.HTM`: where a plain disc has its list.
pub(super) fn studies() -> String {
    page(
        "What is on this disc",
        "<p>The list of studies is encrypted, as the images are: it is the file DICOMDIR.</p>\n\
         <p><a href=\"../INDEX.HTM\">Back</a></p>\n",
    )
}

/// `README.TXT`, lines ended as Windows ends them.
pub(super) fn readme(disc: &PlainDisc<'_>) -> String {
    let made_by = disc
        .institution
        .map(|Institution { name, contact }| format!("Made by {name}\n{}\n", contact.join("\n")));
    let text = format!(
        "MEDICAL IMAGES (DICOM), ENCRYPTED\n\
         \n\
         {made_by}\
         Made on {made_on}. Written by Filmroom {version}.\n\
         {place}\
         \n\
         The images on this disc are encrypted as DICOM Secure Media has it. They open\n\
         in programs that read such discs, and with the opening code, which comes apart\n\
         from this disc. Nothing on it starts by itself.\n\
         \n\
         THE OPENING CODE\n\
         \n\
         Six words in small letters, or six groups of five digits, with a hyphen between\n\
         one and the next, and nothing else:\n\
         \n\
         one-two-three-four-five-six        12345-12345-12345-12345-12345-12345\n\
         \n\
         WHAT IS HERE\n\
         \n\
         DICOMDIR      the list of images, encrypted\n\
         DICOM         the images, encrypted\n\
         \n\
         FOR HOSPITALS AND PRACTICES\n\
         \n\
         An IHE Portable Data for Imaging disc with privacy protection. Application\n\
         profile (DICOM PS3.11):\n\
         {profile}.\n\
         Every DICOM file and the DICOMDIR is a Secure DICOM file (PS3.15 D.1): CMS\n\
         EnvelopedData with a password recipient (PBKDF2 with HMAC-SHA-256, one salt for\n\
         the whole disc; AES-256-CBC), which holds a DigestedData (SHA-256), which holds\n\
         the file. To see that one opens:\n\
         \n\
         openssl cms -decrypt -binary -inform DER -in DICOMDIR -pwri_password CODE\n\
         \n\
         To open all of it without a program that reads such discs, ask who made it for\n\
         a disc that opens in a browser.\n",
        made_by = made_by.unwrap_or_default(),
        made_on = disc.made_on,
        place = place(disc).map(|place| format!("{place}\n")).unwrap_or_default(),
        version = env!("CARGO_PKG_VERSION"),
        profile = disc.profile.secure_names(),
    );
    text.replace('\n', "\r\n")
}
