//! Plain discs: real files in Explicit VR Little Endian, pixel for pixel and element for element what pydicom reads
//! in both, on discs that other people's programs take.

use crate::common::{self, Site, corpus, kept, send};
use crate::peers;
use imaging::archive::{Member, Method};
use imaging::dicomdir::Keys;
use imaging::files::FileReader;
use imaging::index::{Identity, Limits, Tag};
use imaging::iso9660::Recorded;
use imaging::package::{Contents, Instance, Patient, Series, Study};
use imaging::pdi::{self, PlainDisc, Profile};
use imaging::samples;
use imaging::transcode::{Plan, Target, TranscodeError};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;

/// JPEG Baseline and Extended.
const LOSING: [&str; 2] = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"];
/// Decoders round otherwise, and draw halved colours out otherwise.
const MOST_APART: i64 = 12;

/// A file as the library keeps it.
struct Kept {
    name: String,
    file: Vec<u8>,
    identity: Identity,
    transfer_syntax_uid: String,
    keys: Keys,
}

/// Every file of the corpus that the library keeps; none if there is no corpus.
fn all_kept() -> Vec<Kept> {
    let Some(folder) = corpus::folder() else { return Vec::new() };
    let take = |listed: &corpus::Listed| take(&listed.file, &fs::read(folder.join(&listed.file)).unwrap());
    corpus::listed(&folder).iter().filter_map(take).collect()
}

fn take(name: &str, source: &[u8]) -> Option<Kept> {
    let mut reader = FileReader::open(source, Limits::default()).ok()?;
    let (info, mut file, mut buf) = (reader.info().clone(), Vec::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut buf).ok()? {
            0 => break,
            count => file.extend_from_slice(&buf[..count]),
        }
    }
    let keys = reader.finish().ok()?.header.keys();
    Some(Kept {
        name: name.to_owned(),
        file,
        identity: info.identity,
        transfer_syntax_uid: info.transfer_syntax_uid,
        keys: Keys::parse(&serde_json::to_string(&keys).unwrap()).unwrap(),
    })
}

fn transcode(kept: &Kept, target: Target) -> Result<Vec<u8>, TranscodeError> {
    let mut written = Vec::new();
    Plan::of(kept.file.as_slice(), &kept.identity, target)?.write(kept.file.as_slice(), &mut written)?;
    Ok(written)
}

#[test]
fn every_real_file_is_the_same_image_afterwards_or_is_refused_by_name() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut pairs, mut refused) = (Vec::new(), Vec::new());
    for (number, kept) in all_kept().iter().enumerate() {
        match transcode(kept, Target::Uncompressed) {
            Ok(written) => {
                let paths = ["before", "after"].map(|when| scratch.path().join(format!("{number}.{when}")));
                fs::write(&paths[0], &kept.file).unwrap();
                fs::write(&paths[1], &written).unwrap();
                let [before, after] = paths.map(|path| path.to_str().unwrap().to_owned());
                pairs.push([kept.name.clone(), before, after]);
            }
            Err(refusal) => refused.push(format!("{}: {refusal}", kept.name)),
        }
    }
    assert!(pairs.is_empty() || pairs.len() > 330, "refused:\n{}", refused.join("\n"));
    let list = scratch.path().join("pairs.json");
    fs::write(&list, serde_json::to_vec(&pairs).unwrap()).unwrap();
    let list = list.to_str().unwrap();
    let Some(read) = peers::python("same_image.py", &[list], scratch.path(), Some("pydicom")) else { return };
    for verdict in read.as_array().unwrap() {
        assert_eq!(verdict["different"], json!([]), "{verdict}");
        // Without pixels, or with such as pydicom cannot read.
        let Some(apart) = verdict["apart"].as_i64() else { continue };
        if LOSING.contains(&verdict["from"].as_str().unwrap()) {
            assert!((0..=MOST_APART).contains(&apart) && verdict["lossy"] == "01", "{verdict}");
        } else {
            // Its header says lossless, and its frames are not.
            let mislabelled = verdict["name"] == "sop/sample-op.dcm";
            assert!(apart == 0 || (mislabelled && apart == 1), "{verdict}");
        }
    }
}

/// Instances, in one object one after the other, and the object.
#[derive(Default)]
struct Gathered {
    studies: BTreeMap<String, BTreeMap<String, Vec<Instance>>>,
    known: BTreeSet<String>,
    object: Vec<u8>,
}

impl Gathered {
    /// Adds a file unless there is one of its UID, or its series is of another study, as in copies of one file.
    fn add(&mut self, kept: &Kept, transfer_syntax_uid: &str, written: &[u8]) {
        let Identity { study_instance_uid, series_instance_uid, sop_instance_uid, sop_class_uid } =
            &kept.identity;
        let elsewhere = |(study, series): (&String, &BTreeMap<_, _>)| {
            study != study_instance_uid && series.contains_key(series_instance_uid)
        };
        if self.studies.iter().any(elsewhere) || !self.known.insert(sop_instance_uid.clone()) {
            return;
        }
        let bytes = written.len() as u64;
        let member = Member {
            offset: self.object.len() as u64,
            stored_bytes: bytes,
            method: Method::Stored,
            source_bytes: bytes,
            crc32: 0,
            sha256: [0; 32],
            dataset_sha256: [0; 32],
        };
        self.object.extend_from_slice(written);
        let series = self.studies.entry(study_instance_uid.clone()).or_default();
        series.entry(series_instance_uid.clone()).or_default().push(Instance {
            sop_instance_uid: sop_instance_uid.clone(),
            sop_class_uid: sop_class_uid.clone(),
            transfer_syntax_uid: transfer_syntax_uid.to_owned(),
            number: None,
            keys: kept.keys.clone(),
            object: 0,
            member,
        });
    }

    /// As a package: a patient to each study.
    fn contents(&self) -> Contents {
        let patients = self.studies.iter().map(|(uid, series)| {
            let first = &series.values().next().unwrap()[0].keys;
            let text = |tag| first.text(tag).unwrap_or_default().to_owned();
            let series = series.iter().map(|(uid, instances)| Series {
                uid: uid.clone(),
                modality: instances[0].keys.text(Tag(0x0008, 0x0060)).unwrap_or_default().to_owned(),
                number: None,
                description: String::new(),
                instances: instances.clone(),
            });
            let study = Study {
                uid: uid.clone(),
                date: text(Tag(0x0008, 0x0020)),
                description: text(Tag(0x0008, 0x1030)),
                accession_number: String::new(),
                series: series.collect(),
            };
            Patient {
                id: text(Tag(0x0010, 0x0020)),
                issuer: String::new(),
                name: text(Tag(0x0010, 0x0010)),
                birth_date: String::new(),
                studies: vec![study],
            }
        });
        Contents::new(patients.collect(), Vec::new()).unwrap()
    }

    fn image(&self, profile: Profile) -> Vec<u8> {
        let contents = self.contents();
        let layout = pdi::image(&PlainDisc {
            contents: &contents,
            profile,
            institution: None,
            file_set_id: "FILMROOM",
            made_on: "2026-03-15",
            recorded: Recorded::at(2026, 3, 15, 9, 30, 0).unwrap(),
            number: 1,
            set: &[],
        });
        let (layout, mut bytes) = (layout.unwrap(), Vec::new());
        layout.range(0..layout.len(), [&self.object]).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }
}

#[test]
fn every_kept_file_goes_on_a_disc_that_readers_take_or_is_refused_with_its_syntax() {
    let mut discs: BTreeMap<&str, (Profile, Gathered)> = BTreeMap::new();
    let mut refused = 0;
    for kept in all_kept() {
        let (syntax, profile, written) = match transcode(&kept, Target::Uncompressed) {
            Ok(written) => ("1.2.840.10008.1.2.1", Profile::Uncompressed, written),
            Err(refusal) => {
                let syntax = kept.transfer_syntax_uid.as_str();
                let Some(profile) = Profile::for_syntax(syntax).filter(|profile| !profile.allows_cd()) else {
                    assert!(!refusal.to_string().is_empty(), "{}", kept.name);
                    refused += 1;
                    continue;
                };
                (syntax, profile, transcode(&kept, Target::Itself).unwrap())
            }
        };
        let disc = discs.entry(profile.names()).or_insert_with(|| (profile, Gathered::default()));
        disc.1.add(&kept, syntax, &written);
    }
    assert!(
        discs.is_empty() || (discs.len() == 3 && refused < 60),
        "{} discs, {refused} refused",
        discs.len()
    );
    let site = Site::new();
    for (number, (profile, gathered)) in discs.values().enumerate() {
        let image = site.path(&format!("{number}.iso"));
        fs::write(&image, gathered.image(*profile)).unwrap();
        let ran = site.run(&["disc", "verify", "--json", image.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert_eq!(ran.json()["profile"], profile.names());
        is_accepted(&site, &image, &gathered.contents());
    }
}

/// isoinfo, xorriso, 7z, dcmtk, dicom3tools and pydicom find what is on a disc, and nothing amiss.
fn is_accepted(site: &Site, image: &Path, contents: &Contents) {
    let path = image.to_str().unwrap();
    for (program, arguments) in
        [("isoinfo", ["-f", "-i", path].as_slice()), ("xorriso", &["-indev", path, "-find", "/"])]
    {
        let Some(ran) = peers::run(program, arguments, &site.path("")) else { continue };
        assert!(
            ran.code == Some(0) && ran.out.contains("IHE_PDI/INDEX.HTM"),
            "{program}: {}{}",
            ran.out,
            ran.err
        );
    }
    let Some(folder) = peers::unpack(image, &image.with_extension("copied")) else { return };
    let errors = |text: &str| -> Vec<String> {
        let errors = text.lines().filter(|line| line.to_lowercase().contains("error"));
        errors.filter(|line| !peers::is_of_the_instance(line)).map(str::to_owned).collect()
    };
    for (program, arguments) in [
        ("dcmdump", ["-q", "DICOMDIR"].as_slice()),
        ("dcdirdmp", &["-p", "DICOMDIR"]),
        ("dciodvfy", &["DICOMDIR"]),
    ] {
        let Some(ran) = peers::run(program, arguments, &folder) else { continue };
        assert_eq!(errors(&ran.err), [] as [&str; 0], "{program}");
    }
    let Some(read) = peers::python("file_set.py", &[folder.to_str().unwrap()], &folder, Some("pydicom"))
    else {
        return;
    };
    let found: BTreeSet<&str> =
        read["files"].as_array().unwrap().iter().map(|file| file["uid"].as_str().unwrap()).collect();
    let referred = contents.files().filter(|file| file.instance.record().is_some());
    assert_eq!(found, referred.map(|file| file.instance.sop_instance_uid.as_str()).collect());
    orthanc_takes(&folder, contents.files().count());
}

/// Another archive counts every instance.
fn orthanc_takes(folder: &Path, instances: usize) {
    if !common::installed("Orthanc") {
        return;
    }
    let instances_folder = folder.join("DICOM");
    let arguments = [instances_folder.to_str().unwrap()];
    let Some(taken) = peers::python("orthanc.py", &arguments, folder, Some("pydicom")) else { return };
    assert_eq!((&taken["instances"], &taken["refused"]), (&json!(instances), &json!({})));
}

/// The files of the corpus in a folder of it.
pub fn in_folder(folder: &Path, within: &str) -> Vec<String> {
    let listed = corpus::listed(folder).into_iter().filter(|listed| listed.verdict == "keep");
    listed.map(|listed| listed.file).filter(|file| file.starts_with(within)).collect()
}

pub fn import(site: &Site, studies: &[samples::SampleStudy]) {
    let folder = tempfile::tempdir().unwrap();
    for (number, study) in studies.iter().enumerate() {
        for index in 0..study.instances.len() {
            send::write_file(&folder.path().join(format!("{number}-{index}.dcm")), study, index);
        }
    }
    site.json(&["import", "--json", folder.path().to_str().unwrap()]);
}

#[test]
fn a_plain_disc_is_written_without_a_code_checked_and_copied_and_leaves_nothing_behind() {
    let (site, study) = (Site::new(), samples::ct(3, 5));
    import(&site, std::slice::from_ref(&study));
    let [image, code, out] =
        ["plain.iso", "code", "out"].map(|name| site.path(name).to_str().unwrap().to_owned());
    let words =
        ["package", "disc", "--plain", "--json", "--study", &study.study_instance_uid, "--out", &image];
    let ran = site.run(&words);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("whoever has it can see the images"), "{}", ran.err);
    let report = ran.json();
    assert_eq!((&report["media"], &report["counts"]["instances"]), (&json!("cd"), &json!(3)));
    assert_eq!(
        (&report["bytes"], &report["passphrase"]),
        (&json!(fs::metadata(&image).unwrap().len()), &Value::Null)
    );

    let verified = site.json(&["disc", "verify", "--json", &image]);
    assert_eq!(verified["faults"], json!([]));
    site.json(&["disc", "open", "--json", &image, "--out", &out]);
    let copied: BTreeSet<String> = common::files(Path::new(&out))
        .keys()
        .map(|path| path.strip_prefix(&out).unwrap().to_str().unwrap().to_owned())
        .collect();
    let series = "DICOM/PA000001/ST000001/SE000001";
    let images = (1..=3).map(|number| format!("{series}/IM{number:06}"));
    let papers = ["DICOMDIR", "INDEX.HTM", "README.TXT", "IHE_PDI/INDEX.HTM"].map(str::to_owned);
    assert_eq!(copied, images.chain(papers).collect());
    let read = |name: &str| fs::read_to_string(Path::new(&out).join(name)).unwrap();
    assert!(read("IHE_PDI/INDEX.HTM").contains("<td>CT</td><td>3</td>"), "{}", read("IHE_PDI/INDEX.HTM"));
    for clear in ["INDEX.HTM", "README.TXT"] {
        assert!(
            !read(clear).contains(&study.patient.id) && read(clear).contains("encrypted"),
            "{}",
            read(clear)
        );
    }
    assert!(read("README.TXT").contains("STD-GEN-CD"), "{}", read("README.TXT"));

    site.assert_sound();
    assert_eq!(site.files("blobs").len(), 1, "the disc's own archive is gone");
    fs::write(&code, "abacus zoom outfit velcro crumb sixtieth").unwrap();
    let refused = site.run(&[&words[..], &["--passphrase-file", &code]].concat());
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}

#[test]
fn what_cannot_be_on_a_plain_disc_is_refused_and_what_can_only_stay_jpeg_goes_on_a_dvd() {
    let Some(folder) = corpus::folder() else { return };
    let site = Site::new();
    let package = |file: &str, more: &[&str]| {
        let imported = site.json(&["import", "--json", folder.join(file).to_str().unwrap()]);
        assert_eq!(imported["kept"], 1, "{imported}");
        let kept = take(file, &fs::read(folder.join(file)).unwrap()).unwrap();
        let uid = kept.identity.study_instance_uid.as_str();
        let out = site.path(&format!("{}.iso", kept::sha256(file.as_bytes())));
        let words = ["package", "disc", "--plain", "--json", "--study", uid, "--out", out.to_str().unwrap()];
        (site.run(&[&words, more].concat()), out)
    };
    let (refused, out) = package("ts_wg04/XA1_JLSL", &[]);
    assert!(refused.code == Some(1) && !out.exists(), "{}", refused.err);
    assert!(refused.err.contains("1.2.840.10008.1.2.4.80"), "{}", refused.err);
    let jpeg = "pydicom_small/JPEG-lossy.dcm";
    let (refused, out) = package(jpeg, &["--media", "cd"]);
    assert!(refused.code == Some(1) && !out.exists() && refused.err.contains("dvd"), "{}", refused.err);
    let kept = take(jpeg, &fs::read(folder.join(jpeg)).unwrap()).unwrap();
    let words = ["package", "disc", "--plain", "--json", "--out", out.to_str().unwrap(), "--study"];
    let report = site.json(&[&words[..], &[&kept.identity.study_instance_uid]].concat());
    assert_eq!(report["media"], "dvd");
    let verified = site.json(&["disc", "verify", "--json", out.to_str().unwrap()]);
    assert_eq!((&verified["faults"], &verified["profile"]), (&json!([]), &report["profile"]));
    site.assert_sound();
}
