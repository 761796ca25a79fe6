//! A report and a document of a sample study, put together by hand.

use imaging::samples::SampleStudy;

/// Explicit VR Little Endian.
pub const SYNTAX: &str = "1.2.840.10008.1.2.1";

/// An instance as it is sent.
pub struct Written {
    pub class: &'static str,
    pub uid: String,
    pub data_set: Vec<u8>,
}

/// A report that points to an image of the study.
pub fn report(study: &SampleStudy) -> Written {
    let image = &study.instances[2];
    let reference = [
        element(0x0008, 0x1150, b"UI", image.sop_class_uid.as_bytes()),
        element(0x0008, 0x1155, b"UI", image.sop_instance_uid.as_bytes()),
    ];
    let finding = [
        element(0x0040, 0xA010, b"CS", b"CONTAINS"),
        element(0x0040, 0xA040, b"CS", b"TEXT"),
        concept("Findings"),
        element(0x0040, 0xA160, b"UT", "No fracture <b>anywhere</b>.".as_bytes()),
    ];
    let pointer = [
        element(0x0008, 0x1199, b"SQ", &item(&reference.concat())),
        element(0x0040, 0xA010, b"CS", b"CONTAINS"),
        element(0x0040, 0xA040, b"CS", b"IMAGE"),
    ];
    let content = [item(&finding.concat()), item(&pointer.concat())].concat();
    let body = [
        element(0x0040, 0xA040, b"CS", b"CONTAINER"),
        concept("Radiology Report"),
        element(0x0040, 0xA491, b"CS", b"COMPLETE"),
        element(0x0040, 0xA493, b"CS", b"VERIFIED"),
        element(0x0040, 0xA730, b"SQ", &content),
    ];
    written(study, "1.2.840.10008.5.1.4.1.1.88.11", ("SR", "2"), &body.concat())
}

/// A PDF of one page with a red square.
pub fn document(study: &SampleStudy) -> Written {
    let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n\
                3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>endobj\n\
                4 0 obj<</Length 27>>stream\n1 0 0 rg 20 20 160 160 re f\nendstream endobj\n\
                trailer<</Root 1 0 R>>\n%%EOF";
    let body = [
        element(0x0042, 0x0010, b"ST", b"Letter to the referring doctor"),
        element(0x0042, 0x0011, b"OB", pdf),
        element(0x0042, 0x0012, b"LO", b"application/pdf"),
    ];
    written(study, "1.2.840.10008.5.1.4.1.1.104.1", ("DOC", "3"), &body.concat())
}

fn written(
    study: &SampleStudy,
    class: &'static str,
    (modality, number): (&str, &str),
    body: &[u8],
) -> Written {
    let series = format!("{}.{number}", study.series_instance_uid);
    let uid = format!("{series}.1");
    let patient = &study.patient;
    let head = [
        element(0x0008, 0x0005, b"CS", b"ISO_IR 192"),
        element(0x0008, 0x0016, b"UI", class.as_bytes()),
        element(0x0008, 0x0018, b"UI", uid.as_bytes()),
        element(0x0008, 0x0020, b"DA", study.study_date.as_bytes()),
        element(0x0008, 0x0060, b"CS", modality.as_bytes()),
        element(0x0010, 0x0010, b"PN", patient.name.as_bytes()),
        element(0x0010, 0x0020, b"LO", patient.id.as_bytes()),
        element(0x0010, 0x0021, b"LO", patient.issuer.as_bytes()),
        element(0x0010, 0x0030, b"DA", patient.birth_date.as_bytes()),
        element(0x0020, 0x000D, b"UI", study.study_instance_uid.as_bytes()),
        element(0x0020, 0x000E, b"UI", series.as_bytes()),
        element(0x0020, 0x0011, b"IS", number.as_bytes()),
        element(0x0020, 0x0013, b"IS", b"1"),
    ];
    Written { class, uid, data_set: [&head.concat(), body].concat() }
}

/// A concept by its meaning.
fn concept(meaning: &str) -> Vec<u8> {
    let code = [
        element(0x0008, 0x0100, b"SH", b"1"),
        element(0x0008, 0x0102, b"SH", b"99TEST"),
        element(0x0008, 0x0104, b"LO", meaning.as_bytes()),
    ];
    element(0x0040, 0xA043, b"SQ", &item(&code.concat()))
}

fn item(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&[0xFE, 0xFF, 0x00, 0xE0][..], &length, body].concat()
}

/// An element, its value padded to an even length (PS3.5 §6.2, §7.1.2).
fn element(group: u16, number: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if matches!(vr, b"UI" | b"OB") { 0 } else { b' ' });
    }
    let tag = [group.to_le_bytes(), number.to_le_bytes()].concat();
    let length = match vr {
        b"SQ" | b"OB" | b"UT" => [&[0, 0][..], &u32::try_from(value.len()).unwrap().to_le_bytes()].concat(),
        _ => u16::try_from(value.len()).unwrap().to_le_bytes().to_vec(),
    };
    [tag, vr.to_vec(), length, value].concat()
}
