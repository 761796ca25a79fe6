use super::*;
use crate::archive::{Member, Method};
use crate::dicomdir::Keys;
use crate::manifest::{self, Manifest};
use crate::seal::{MasterKey, MasterKeyId};
use crate::sign::SigningKey;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

fn key() -> SigningKey {
    SigningKey::of(&MasterKey::from_parts(MasterKeyId([1; 8]), [1; 32])).unwrap()
}

fn instance(uid: &str, class: &str, object: u32, offset: u64) -> Instance {
    Instance {
        sop_instance_uid: uid.into(),
        sop_class_uid: class.into(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
        number: Some(1),
        keys: Keys::default(),
        object,
        member: Member {
            offset,
            stored_bytes: 10,
            method: Method::Deflate,
            source_bytes: 30,
            crc32: 7,
            sha256: [9; 32],
            dataset_sha256: [0; 32],
        },
    }
}

fn contents(classes: &[&str]) -> Contents {
    let number = classes.len() as u64;
    let instances = classes
        .iter()
        .zip(0..)
        .map(|(class, at)| instance(&format!("1.3.{at}"), class, 0, (number - at) * 10));
    let series = Series {
        uid: "1.2.1".into(),
        modality: "CT".into(),
        number: Some(4),
        description: "Axial".into(),
        instances: instances.collect(),
    };
    let study = Study {
        uid: "1.2".into(),
        date: "20260315".into(),
        description: "Head".into(),
        accession_number: "A1".into(),
        series: vec![series],
    };
    let patient = Patient {
        id: "17".into(),
        issuer: String::new(),
        name: "Doe^Jane".into(),
        birth_date: "19700101".into(),
        studies: vec![study],
    };
    let withheld = Withheld {
        study_instance_uid: "1.2".into(),
        series_instance_uid: "1.2.1".into(),
        sop_instance_uid: "1.3.99".into(),
        reason: Reason::Damaged,
    };
    Contents::new(vec![patient], vec![withheld]).unwrap()
}

fn papers_of(contents: &Contents) -> Vec<Paper> {
    let others = vec![Paper { name: "REPORT.PDF".into(), bytes: b"%PDF".to_vec() }];
    let institution = Institution { name: "General".into(), contact: vec!["555 0100".into()] };
    let particulars = Particulars {
        institution: Some(&institution),
        file_set_id: "FILMROOM",
        created_at: "2026-03-15T09:30:00Z",
        key: &key(),
        others,
    };
    papers(contents, particulars).unwrap()
}

fn named<'p>(papers: &'p [Paper], name: &str) -> &'p [u8] {
    &papers.iter().find(|paper| paper.name == name).unwrap().bytes
}

#[test]
fn the_manifest_counts_everything_but_itself_and_is_signed() {
    let papers = papers_of(&contents(&[CT, "1.2.3.4"]));
    let bytes = named(&papers, manifest::NAME);
    assert!(key().public().verifies(bytes, named(&papers, manifest::SIGNATURE_NAME)));
    let manifest: Manifest = serde_json::from_slice(bytes).unwrap();
    assert_eq!(
        manifest.counts,
        Counts { patients: 1, studies: 1, series: 1, instances: 2, bytes: 60, withheld: 1 }
    );
    let series = &manifest.patients[0].studies[0].series[0];
    let files: Vec<&str> = series.instances.iter().map(|instance| instance.file.as_str()).collect();
    assert_eq!(
        files,
        ["DICOM/PA000001/ST000001/SE000001/IM000001", "DICOM/PA000001/ST000001/SE000001/IM000002"]
    );
    assert_eq!(series.instances[0].sha256, "09".repeat(32));
    let referred: Vec<bool> = series.instances.iter().map(|instance| instance.in_directory).collect();
    assert_eq!(referred, [true, false]);
    let listed: Vec<&str> = manifest.papers.iter().map(|paper| paper.file.as_str()).collect();
    assert_eq!(listed, ["README.TXT", "DICOMDIR", "REPORT.PDF"]);
    assert_eq!(manifest.withheld[0].sop_instance_uid, "1.3.99");
}

#[test]
fn readme_says_what_is_missing_and_names_no_patient() {
    let papers = papers_of(&contents(&[CT]));
    let readme = std::str::from_utf8(named(&papers, "README.TXT")).unwrap();
    for said in
        ["General\r\n555 0100\r\n", "1 image or document in 1 examination.", "NOT HERE", &key().public().id()]
    {
        assert!(readme.contains(said), "{said:?} in {readme}");
    }
    for private in ["Doe", "17\r", "A1", "1.2.1"] {
        assert!(!readme.contains(private), "{private}");
    }
    assert!(readme.is_ascii());
}

#[test]
fn a_package_without_anything_to_refer_to_has_no_directory() {
    let papers = papers_of(&contents(&["1.2.3.4"]));
    assert!(papers.iter().all(|paper| paper.name != "DICOMDIR"));
}

#[test]
fn a_zip_has_the_papers_first_and_then_instances_as_they_lie() {
    let contents = contents(&[CT, CT, CT]);
    let papers = papers_of(&contents);
    let modified = Modified::at(2026, 3, 15, 9, 30, 0).unwrap();
    let layout = zip(&contents, &papers, modified).unwrap();
    assert_eq!(layout, zip(&contents, &papers, modified).unwrap());
    let offsets: Vec<u64> = layout
        .segments()
        .filter_map(|(segment, _)| match segment {
            crate::layout::Segment::Extent { offset, .. } => Some(offset),
            _ => None,
        })
        .collect();
    assert_eq!(offsets, [10, 20, 30]);
}

#[test]
fn more_than_names_have_numbers_for_is_refused() {
    let study = Study {
        uid: String::new(),
        date: String::new(),
        description: String::new(),
        accession_number: String::new(),
        series: Vec::new(),
    };
    let patient = Patient {
        id: String::new(),
        issuer: String::new(),
        name: String::new(),
        birth_date: String::new(),
        studies: vec![study; 1_000_000],
    };
    assert_eq!(Contents::new(vec![patient], Vec::new()), Err(TooMany));
}
