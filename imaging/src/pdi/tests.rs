//! A disc that is right, and fourteen that are wrong each in one way.

use super::*;
use crate::archive::{Member, Method};
use crate::dicomdir::Keys;
use crate::disc::{DiscImage, Listing, Medium, OtherStudy, other_disc};
use crate::files::{MetaHeader, meta_header};
use crate::index::write_element;
use crate::index::{Tag, Vr};
use crate::package::{Instance, Patient, Series, Study};
use dicom::dictionary_std::tags as t;
use std::collections::BTreeMap;
use std::io::{self, Read};

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const FIRST: &str = "DICOM/PA000001/ST000001/SE000001/IM000001";

/// A disc in memory: its files by their paths.
#[derive(Clone)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Medium for Files {
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(file[..file.len().min(usize::try_from(limit).unwrap())].to_vec())
    }
}

impl Listing for Files {
    fn paths(&self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0.get(path).ok_or(io::ErrorKind::NotFound)?.as_slice()))
    }
}

impl Files {
    fn replace(&mut self, path: &str, from: &[u8], to: &[u8]) {
        let file = self.0.get_mut(path).unwrap();
        let at = file.windows(from.len()).position(|window| window == from).unwrap();
        file.splice(at..at + from.len(), to.iter().copied());
    }

    /// The numbers of the checks that fail.
    fn faults(&self) -> Vec<u8> {
        let mut numbers: Vec<u8> =
            check(self).unwrap().faults.iter().map(|fault| fault.check.number()).collect();
        numbers.dedup();
        numbers
    }
}

fn instance_file(uid: &str) -> Vec<u8> {
    let header = MetaHeader {
        sop_class_uid: CT,
        sop_instance_uid: uid,
        transfer_syntax_uid: EXPLICIT,
        source_ae_title: None,
    };
    let mut file = meta_header(&header);
    write_element(&mut file, t::SOP_CLASS_UID, Some(Vr(*b"UI")), CT.as_bytes()).unwrap();
    write_element(&mut file, t::SOP_INSTANCE_UID, Some(Vr(*b"UI")), uid.as_bytes()).unwrap();
    file
}

/// Two patients with a study, a series and two images each; and the object these lie in.
fn contents() -> (Contents, Vec<u8>) {
    let mut object = Vec::new();
    let mut instance = |uid: String| {
        let file = instance_file(&uid);
        let (offset, bytes) = (object.len() as u64, file.len() as u64);
        object.extend(file);
        Instance {
            sop_instance_uid: uid,
            sop_class_uid: CT.to_owned(),
            transfer_syntax_uid: EXPLICIT.to_owned(),
            number: Some(1),
            keys: Keys::parse(r#"{"00100020":"","00200010":"S1"}"#).unwrap(),
            object: 0,
            member: Member {
                offset,
                stored_bytes: bytes,
                method: Method::Stored,
                source_bytes: bytes,
                crc32: 0,
                sha256: [7; 32],
                dataset_sha256: [0; 32],
            },
        }
    };
    let mut patient = |number: u8| Patient {
        id: format!("P{number}"),
        issuer: String::new(),
        name: "Doe^Jane & <John>=ignored".to_owned(),
        birth_date: "19700101".to_owned(),
        studies: vec![Study {
            uid: format!("1.2.{number}"),
            date: "20260315".to_owned(),
            description: "Head".to_owned(),
            accession_number: String::new(),
            series: vec![Series {
                uid: format!("1.2.{number}.1"),
                modality: "CT".to_owned(),
                number: Some(1),
                description: String::new(),
                instances: (1..=2).map(|at| instance(format!("1.2.{number}.1.{at}"))).collect(),
            }],
        }],
    };
    (Contents::new(vec![patient(1), patient(2)], Vec::new()).unwrap(), object)
}

fn image_bytes(set: &[OtherDisc]) -> Vec<u8> {
    let (contents, object) = contents();
    let layout = image(&PlainDisc {
        institution: Some(&Institution {
            name: "St. Mary & Co.".to_owned(),
            contact: vec!["555-0100".to_owned()],
        }),
        set,
        ..of(&contents)
    });
    let (layout, mut bytes) = (layout.unwrap(), Vec::new());
    layout.range(0..layout.len(), [object]).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// The disc of a package that is on no other.
fn of(contents: &Contents) -> PlainDisc<'_> {
    PlainDisc {
        contents,
        profile: Profile::Uncompressed,
        institution: None,
        file_set_id: "FILMROOM",
        made_on: "2026-03-15",
        recorded: Recorded::at(2026, 3, 15, 9, 30, 0).unwrap(),
        number: 1,
        set: &[],
    }
}

/// The disc as it is read back from its image.
fn disc() -> Files {
    read_back(&image_bytes(&[]))
}

fn read_back(image: &[u8]) -> Files {
    let disc = DiscImage::open(image).unwrap();
    let read = |path: String| {
        let mut file = Vec::new();
        disc.copy(&path, &mut file).unwrap();
        (path, file)
    };
    Files(disc.paths().unwrap().into_iter().map(read).collect())
}

#[test]
fn a_disc_passes_every_check_and_is_the_same_when_made_again() {
    assert_eq!(image_bytes(&[]), image_bytes(&[]));
    let disc = disc();
    assert_eq!(disc.0.len(), 8);
    let checked = check(&disc).unwrap();
    assert_eq!(checked, Checked { instances: 4, profile: Some(Profile::Uncompressed), faults: Vec::new() });
    let page = String::from_utf8(disc.0["IHE_PDI/INDEX.HTM"].clone()).unwrap();
    assert!(page.contains("<h2>Doe, Jane &amp; &lt;John&gt;</h2>"), "{page}");
    assert!(page.contains("<td>2026-03-15</td><td>Head</td><td>CT</td><td>2</td>"), "{page}");
    let entry = String::from_utf8(disc.0["INDEX.HTM"].clone()).unwrap();
    assert!(entry.contains("St. Mary &amp; Co.<br/>555-0100") && !entry.contains("Doe"), "{entry}");
    assert!(!entry.contains("This is disc"), "{entry}");
}

#[test]
fn a_disc_of_a_set_says_which_it_is_and_what_is_on_the_others() {
    let study = OtherStudy {
        uid: "1.2.3".to_owned(),
        date: "20260401".to_owned(),
        description: "Knee & foot".to_owned(),
        modalities: vec!["CR".to_owned(), "MR".to_owned()],
        instances: 12,
    };
    let (contents, _) = contents();
    let set = [other_disc(1, &contents), OtherDisc { number: 2, studies: vec![study] }];
    let disc = read_back(&image_bytes(&set));
    assert_eq!(disc.faults(), Vec::<u8>::new());
    let file = |path: &str| String::from_utf8(disc.0[path].clone()).unwrap();
    for path in ["INDEX.HTM", "README.TXT"] {
        assert!(file(path).contains("This is disc 1 of 2."), "{}", file(path));
    }
    let page = file("IHE_PDI/INDEX.HTM");
    let other = "<h2>On disc 2 of 2</h2>\n<ul>\n<li>2026-04-01, Knee &amp; foot, CR, MR, 12 images and documents</li>\n</ul>";
    assert!(page.contains(other) && !page.contains("On disc 1 of 2"), "{page}");
}

#[test]
fn each_check_finds_what_it_is_there_for() {
    let right = disc();
    type Break<'a> = &'a dyn Fn(&mut Files);
    let breaks: [(u8, Break<'_>); 19] = [
        (1, &|disc| drop(disc.0.remove("DICOMDIR"))),
        (2, &|disc| drop(disc.0.insert("IM000001".into(), instance_file("1.2.9")))),
        (3, &|disc| disc.replace("DICOMDIR", b"1.2.840.10008.1.3.10", b"1.2.840.10008.1.3.99")),
        (3, &|disc| disc.replace("DICOMDIR", b"OB\0\0\x02\0\0\0\0\x01", b"OB\0\0\x02\0\0\0\0\x02")),
        (4, &|disc| disc.replace("DICOMDIR", b"SH\x02\0S1", b"SH\x02\0  ")),
        (4, &|disc| disc.replace("DICOMDIR", b"CS\x06\0SERIES", b"CS\x06\0IMAGE ")),
        (4, &|disc| disc.replace("DICOMDIR", b"\x12\x12US\x02\0\0\0", b"\x12\x12US\x02\0\xFF\xFF")),
        (4, &|disc| disc.replace("DICOMDIR", b"\x10\x14US\x02\0\xFF\xFF", b"\x10\x14US\x02\0\0\0")),
        (5, &|disc| disc.replace("DICOMDIR", b"UI\x0A\x001.2.2.1.2\0", b"UI\x0A\x001.2.2.1.1\0")),
        (6, &|disc| disc.replace("DICOMDIR", b"\\IM000001", b"\\im000001")),
        (7, &|disc| drop(disc.0.remove(FIRST))),
        (7, &|disc| disc.replace("DICOMDIR", b"UI\x0A\x001.2.1.1.1\0", b"UI\x0A\x001.2.1.1.9\0")),
        (8, &|disc| disc.replace(FIRST, b"1.2.1.1.1", b"1.2.1.1.7")),
        (9, &|disc| drop(disc.0.insert("DICOM/lower.txt".into(), Vec::new()))),
        (10, &|disc| drop(disc.0.remove("IHE_PDI/INDEX.HTM"))),
        (11, &|disc| drop(disc.0.remove("INDEX.HTM"))),
        (12, &|disc| drop(disc.0.remove("README.TXT"))),
        (13, &|disc| disc.replace("DICOMDIR", b"DICOM\\PA000001", b"IHE_PDI\\P00001")),
        (14, &|disc| drop(disc.0.insert("IHE_XDM/INDEX.HTM".into(), Vec::new()))),
    ];
    for (number, (expected, break_it)) in breaks.into_iter().enumerate() {
        let mut disc = right.clone();
        break_it(&mut disc);
        let faults = disc.faults();
        assert!(faults.contains(&expected), "{number}: {expected} not among {faults:?}");
    }
}

#[test]
fn offsets_that_lead_astray_or_in_a_circle_are_found_and_end() {
    let right = disc();
    let length = right.0["DICOMDIR"].len();
    for at in (350..length).step_by(2) {
        let mut disc = right.clone();
        let file = disc.0.get_mut("DICOMDIR").unwrap();
        if file[at..].starts_with(b"\x04\0\0\x14UL") || file[at..].starts_with(b"\x04\0\x20\x14UL") {
            for target in [400_u32, 1, 0xFFFF_FFF0] {
                let file = disc.0.get_mut("DICOMDIR").unwrap();
                file[at + 8..at + 12].copy_from_slice(&target.to_le_bytes());
                assert!(disc.faults().contains(&4), "at {at} to {target}");
            }
        }
    }
}

#[test]
fn a_profile_is_what_all_instances_allow() {
    let for_all = |syntaxes: &[&str]| Profile::for_all(syntaxes.iter().copied());
    let (jpeg, jpeg_2000) = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90");
    assert_eq!(for_all(&[EXPLICIT]), Some(Profile::Uncompressed));
    assert_eq!(for_all(&[EXPLICIT, jpeg]), Some(Profile::Jpeg));
    assert_eq!(for_all(&[jpeg_2000, EXPLICIT]), Some(Profile::Jpeg2000));
    assert_eq!((for_all(&[jpeg, jpeg_2000]), for_all(&["1.2.840.10008.1.2"])), (None, None));
    let (contents, _) = contents();
    assert_eq!(
        contents.patients()[0].studies[0].series[0].instances[0].keys.text(Tag(0x20, 0x10)),
        Some("S1")
    );
}

#[test]
fn nothing_that_a_directory_refers_to_makes_no_disc() {
    let contents = Contents::new(Vec::new(), Vec::new()).unwrap();
    assert!(matches!(image(&of(&contents)), Err(PdiError::Nothing)));
}

proptest::proptest! {
    #[test]
    fn no_directory_makes_it_panic(
        cuts in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 0..20),
    ) {
        let mut disc = disc();
        let file = disc.0.get_mut("DICOMDIR").unwrap();
        for (at, byte) in cuts {
            let at = 132 + at.index(file.len() - 132);
            file[at] = byte;
        }
        drop(check(&disc));
    }
}
