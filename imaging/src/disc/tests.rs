use super::head::{GRAIN_BYTES, code_key};
use super::part::CONTACT_PATH;
use super::*;
use crate::archive::Method;
use crate::chance::{Chance, SeededChance};
use crate::iso9660::{Recorded, Volume};
use crate::layout::{Layout, Objects};
use crate::opening_code::{Form, OpeningCode};
use crate::seal::DataKey;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

const STORED: &str = "DICOM/PA000001/ST000001/SE000001/IM000001";
const DEFLATED: &str = "DICOM/PA000001/ST000001/SE000001/IM000002";

/// A disc in memory: its files by their paths.
type Files = HashMap<String, Vec<u8>>;

impl Medium for &Files {
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(file[..file.len().min(usize::try_from(limit).unwrap())].to_vec())
    }
}

fn random_bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededChance::new(seed).fill(&mut bytes);
    bytes
}

/// What the files of the sample disc are.
fn sources() -> [(&'static str, Vec<u8>); 3] {
    let smooth = (0..300_000_u32).map(|at| u8::try_from(at / 7 % 200).unwrap()).collect();
    [(STORED, random_bytes(5, 200_000)), (DEFLATED, smooth), ("README.TXT", b"read me".to_vec())]
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut deflater = flate2::read::DeflateEncoder::new(bytes, flate2::Compression::fast());
    let mut deflated = Vec::new();
    deflater.read_to_end(&mut deflated).unwrap();
    deflated
}

/// The archives that the files lie in.
fn objects() -> [Vec<u8>; 2] {
    let [(_, stored), (_, smooth), _] = sources();
    [[b"before".as_slice(), &stored].concat(), deflated(&smooth)]
}

fn contents() -> DiscContents {
    let [_, placed] = objects().map(|object| object.len() as u64);
    let mut places = [Layout::new(), Layout::new(), Layout::new()];
    places[0].extent(0, 6, 200_000);
    places[1].extent(1, 0, placed);
    places[2].literal(b"read me");
    let methods = [Method::Stored, Method::Deflate, Method::Stored];
    let files =
        sources().into_iter().zip(places).zip(methods).map(|(((path, source), content), method)| DiscFile {
            path: path.to_owned(),
            method,
            source_bytes: source.len() as u64,
            sha256: Sha256::digest(&source).into(),
            content,
        });
    let instance =
        |file| InstanceEntry { file, uid: format!("1.2.{file}"), frames: 1, ..InstanceEntry::default() };
    let series = SeriesEntry { instances: vec![instance(0), instance(1)], ..SeriesEntry::default() };
    let study = StudyEntry { series: vec![series], ..StudyEntry::default() };
    let patient =
        PatientEntry { name: "Doe^Jane".to_owned(), studies: vec![study], ..PatientEntry::default() };
    DiscContents {
        made_on: "2026-03-15".to_owned(),
        number: 1,
        of: 1,
        files: files.collect(),
        others: Vec::new(),
        patients: vec![patient],
    }
}

fn identity(object: u32) -> String {
    format!("archive {object}")
}

fn code(seed: u64) -> OpeningCode {
    OpeningCode::generate(Form::Words, &SeededChance::new(seed))
}

fn seal(seed: u64) -> SealedDisc {
    let chance = SeededChance::new(seed);
    let lock = Lock::begin(vec![code(seed)], &chance).unwrap();
    SealedDisc::seal_in_segments(&contents(), identity, lock, &chance, GRAIN_BYTES).unwrap()
}

fn image_of(disc: &SealedDisc) -> Layout {
    let recorded = Recorded::at(2026, 3, 15, 9, 30, 0).unwrap();
    disc.image(&Volume::new("FILMROOM", recorded).unwrap(), b"<!doctype html>", &[]).unwrap()
}

fn read_all(image: &Layout, objects: impl Objects) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.range(0..image.len(), objects).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn files_of(image: &[u8]) -> Files {
    let place = |range: std::ops::Range<u64>| {
        usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
    };
    let files = crate::iso9660::files(&image).unwrap();
    files.into_iter().map(|(path, range)| (path, image[place(range)].to_vec())).collect()
}

/// A disc that was made once, because deriving keys takes its time.
struct Sample {
    disc: Arc<SealedDisc>,
    layout: Layout,
    image: Vec<u8>,
    files: Files,
    code_key: DataKey,
}

fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let disc = Arc::new(seal(1));
        let layout = image_of(&disc);
        let image = read_all(&layout, DiscObjects::new(Arc::clone(&disc), objects()));
        let code_key = code_key(&code(1), &disc.header.salt, disc.header.iterations);
        Sample { files: files_of(&image), disc, layout, image, code_key }
    })
}

/// Everything that can be had of a disc, or what was found to be wrong first.
fn save(files: &Files, code_key: &DataKey) -> Result<HashMap<String, Vec<u8>>, OpenError> {
    let mut disc = LockedDisc::read(files)?.open_with(code_key)?;
    let entries = disc.index().files.clone();
    let mut saved = HashMap::new();
    for entry in entries {
        let mut bytes = Vec::new();
        match disc.copy(&entry, &mut bytes) {
            Ok(()) => drop(saved.insert(entry.path, bytes)),
            Err(FileError::Part(bad)) => return Err(bad.into()),
            Err(other) => panic!("{other}"),
        }
    }
    Ok(saved)
}

fn fault_of(files: &Files) -> (String, PartFault) {
    match save(files, &sample().code_key) {
        Err(OpenError::Part(BadPart { name, fault, .. })) => (name.to_string(), fault),
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn every_file_comes_back_as_it_went_in() {
    let saved = save(&sample().files, &sample().code_key).unwrap();
    assert_eq!(saved.len(), 3);
    for (path, source) in sources() {
        assert!(saved[path] == source, "{path}");
    }
}

#[test]
fn the_code_that_was_generated_opens_it_and_another_does_not() {
    let image = DiscImage::open(sample().image.as_slice()).unwrap();
    let disc = LockedDisc::read(image).unwrap().open(&code(1)).unwrap();
    assert_eq!(disc.index().patients[0].name, "Doe^Jane");
    let image = DiscImage::open(sample().image.as_slice()).unwrap();
    let refused = LockedDisc::read(image).unwrap().open(&code(2)).map(drop);
    assert!(matches!(refused, Err(OpenError::WrongCode(WrongCode))));
}

#[test]
fn nothing_about_the_patient_is_in_the_clear() {
    let image = &sample().image;
    let found = |text: &[u8]| image.windows(text.len()).any(|window| window == text);
    assert!(found(b"SEALED MEDICAL IMAGES"));
    assert!(!found(b"Doe") && !found(b"1.2.1") && !found(code(1).reveal().as_bytes()));
}

#[test]
fn what_is_wrong_with_a_part_is_told_and_which_part_it_is() {
    let Sample { files, code_key, .. } = sample();
    let changed = |change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        fault_of(&files)
    };
    let part = |number: u32| PartName { stream: Stream::Body, number };
    let last = part(sample().disc.header.body_parts - 1);
    for name in [PartName::HEAD, PartName { stream: Stream::Index, number: 0 }, part(0), part(2), last] {
        let missing = changed(&|files| drop(files.remove(&name.path())));
        assert_eq!(missing, (name.to_string(), PartFault::Missing));
        let damaged = changed(&|files| files.get_mut(&name.path()).unwrap()[100] ^= 1);
        assert_eq!(damaged, (name.to_string(), PartFault::Damaged));
        let moved = changed(&|files| {
            let other = files[&part(1).path()].clone();
            files.insert(name.path(), other);
        });
        assert_eq!(moved, (name.to_string(), PartFault::Damaged));
    }
    let other = files_of(&read_all(&image_of(&seal(9)), DiscObjects::new(Arc::new(seal(9)), objects())));
    let foreign = changed(&|files| drop(files.insert(part(2).path(), other[&part(2).path()].clone())));
    assert_eq!(foreign, (part(2).to_string(), PartFault::Foreign));
    // Head and index of an earlier disc with the parts of this one: its code opens it, its parts are not there.
    let mut rolled_back = files.clone();
    for name in [PartName::HEAD, PartName { stream: Stream::Index, number: 0 }] {
        rolled_back.insert(name.path(), other[&name.path()].clone());
    }
    assert!(matches!(save(&rolled_back, code_key), Err(OpenError::WrongCode(_))));
    let mut opened = LockedDisc::read(&rolled_back).unwrap().open(&code(9)).unwrap();
    for file in opened.index().files.clone() {
        let refused = opened.copy(&file, &mut Vec::new());
        assert!(
            matches!(refused, Err(FileError::Part(BadPart { fault: PartFault::Foreign, .. }))),
            "{refused:?}"
        );
    }
    let said = BadPart { name: part(96), of: 155, fault: PartFault::Damaged }.to_string();
    assert_eq!(said, "part 97 of 155 (B0000096.JS) is damaged");
}

#[test]
fn a_disc_whose_last_part_is_bad_opens_and_its_other_parts_are_good() {
    let Sample { files, code_key, disc, .. } = sample();
    let last = PartName { stream: Stream::Body, number: disc.header.body_parts - 1 };
    let mut files = files.clone();
    files.get_mut(&last.path()).unwrap()[100] ^= 1;
    let mut opened = LockedDisc::read(&files).unwrap().open_with(code_key).unwrap();
    let whole = opened.index().files.iter().max_by_key(|file| file.bytes).unwrap().clone();
    let bad: Vec<PartName> = opened.bad_parts(&whole).into_iter().map(|bad| bad.name).collect();
    assert_eq!(bad, [last], "it lies in all of them");
}

#[test]
fn of_1000_random_changes_none_is_accepted() {
    let Sample { files, code_key, .. } = sample();
    // Whom to ask is no part of what is sealed.
    let is_part = |path: &&String| path.starts_with("DATA/") && *path != CONTACT_PATH;
    let mut paths: Vec<&String> = files.keys().filter(is_part).collect();
    paths.sort();
    let chance = SeededChance::new(17);
    let below = |limit: usize| usize::try_from(chance.next_u64() % limit as u64).unwrap();
    for _ in 0..1000 {
        let mut changed = files.clone();
        let file = changed.get_mut(paths[below(paths.len())]).unwrap();
        // What follows the suffix is padding, which nobody looks at.
        let end = file.windows(5).rposition(|five| five == b"*/});").unwrap() + 5;
        let place = below(end);
        match below(4) {
            0 => file[place] ^= 1 << below(8),
            1 => file.truncate(place),
            2 => drop(file.remove(place)),
            _ => file.insert(place, b'*'),
        }
        assert!(save(&changed, code_key).is_err());
    }
}

#[test]
fn it_is_the_same_disc_when_built_again_and_refused_with_other_contents() {
    let Sample { disc, image, .. } = sample();
    let kept = disc.kept().unwrap();
    let again = Arc::new(SealedDisc::rebuild(kept.clone(), &contents(), identity).unwrap());
    assert!(read_all(&image_of(&again), DiscObjects::new(Arc::clone(&again), objects())) == *image);

    let refusal =
        |kept, contents: &DiscContents| SealedDisc::rebuild(kept, contents, identity).err().unwrap();
    let mut other = contents();
    other.files.swap(0, 2);
    assert!(matches!(refusal(kept.clone(), &other), SealError::OtherContents));
    let renamed = |object| format!("another archive {object}");
    assert!(SealedDisc::rebuild(kept.clone(), &contents(), renamed).is_err());
    let mut changed = kept;
    changed.index[20] ^= 1;
    assert!(matches!(refusal(changed, &contents()), SealError::NotKept));
}

#[test]
fn an_empty_disc_has_one_part_and_opens() {
    let chance = SeededChance::new(4);
    let lock = Lock::begin(vec![code(4)], &chance).unwrap();
    let nothing = DiscContents { files: vec![], patients: vec![], ..contents() };
    let disc = Arc::new(SealedDisc::seal(&nothing, identity, lock, &chance).unwrap());
    let files = files_of(&read_all(&image_of(&disc), DiscObjects::new(Arc::clone(&disc), objects())));
    let disc = LockedDisc::read(&files).unwrap().open(&code(4)).unwrap();
    assert_eq!((disc.parts(), disc.index().files.len()), (1, 0));
}

#[test]
fn paths_that_lead_out_of_the_folder_are_refused() {
    for path in ["../A", "/A", "A//B", "C:/A", "A\\B", ".A", "A.", "", "1/2/3/4/5/6/7/8/9", STORED] {
        let chance = SeededChance::new(4);
        let lock = Lock::begin(vec![code(4)], &chance).unwrap();
        let mut contents = contents();
        contents.files[2].path = path.to_owned();
        assert!(SealedDisc::seal(&contents, identity, lock, &chance).is_err(), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_range_of_the_image_equals_the_slice_of_the_whole(
        ranges: Vec<(prop::sample::Index, prop::sample::Index)>,
    ) {
        let Sample { disc, layout, image, .. } = sample();
        let mut parts = DiscObjects::new(Arc::clone(disc), objects());
        for (one, other) in ranges.into_iter().take(6) {
            let (one, other) = (one.index(image.len() + 1), other.index(image.len() + 1));
            let (start, end) = (one.min(other), one.max(other));
            let mut found = Vec::new();
            layout.range(start as u64..end as u64, &mut parts).unwrap().read_to_end(&mut found).unwrap();
            prop_assert!(found == image[start..end]);
        }
    }
}
