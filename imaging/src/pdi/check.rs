//! Whether a disc is one that every importer takes: the fourteen checks that IHE's tests of creators make, each
//! named by what holds if it passes.

use super::directory::{Directory, Record};
use super::header::{HEADER_BYTES, Header};
use super::level::Level;
use super::{INDEX, Profile, README, WEB};
use crate::dicomdir::{self, Need};
use crate::disc::Listing;
use crate::files::{MEDIA_DIRECTORY, is_part_10};
use crate::index::Tag;
use crate::iso9660::{is_component, is_path};
use dicom::dictionary_std::{tags as t, uids};
use std::collections::{BTreeSet, HashSet};

/// A directory of a million instances is shorter.
const MOST_DIRECTORY_BYTES: u64 = 1 << 30;
/// Components of a File ID (PS3.10 §8.2); one more is the file itself (PS3.12 Annex F).
const MOST_COMPONENTS: usize = 8;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// 1: there is a DICOMDIR in the root.
    Directory,
    /// 2: no other DICOM file is in the root.
    NoFileInRoot,
    /// 3: the DICOMDIR's file meta information is as PS3.10 §8.6 has it.
    DirectoryHeader,
    /// 4: its records lead to each other, and have the keys their types need (PS3.3 Annex F).
    Records,
    /// 5: no patient, study, series or instance has two records.
    NoneTwice,
    /// 6: File IDs are as PS3.10 §8.2 has them.
    FileIds,
    /// 7: each record says of its file what the file says, and a profile allows its transfer syntax.
    Files,
    /// 8: each file's header names the instance that is in it.
    FileHeaders,
    /// 9: every name is one of ISO 9660 level 1.
    Names,
    /// 10: `IHE_PDI` is there, a folder with a page.
    Web,
    /// 11: `INDEX.HTM` is there.
    Index,
    /// 12: `README.TXT` is there.
    Readme,
    /// 13: no record refers into `IHE_PDI`.
    NothingInWeb,
    /// 14: nothing else in the root begins with `IHE`.
    NothingLikeWeb,
}

impl Check {
    /// Its number in IHE's list.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// Something that is not as it should be. It names places, and nothing that is said of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which check failed.
    pub check: Check,
    /// Which file, or `record at` an offset in the DICOMDIR.
    pub place: String,
    /// What is wrong there.
    pub what: &'static str,
}

/// A disc that was gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Instances that the directory refers to.
    pub instances: usize,
    /// The profile whose transfer syntaxes they are in; none if they are in no profile's.
    pub profile: Option<Profile>,
    /// What is wrong, in the order of checks.
    pub faults: Vec<Fault>,
}

/// Makes the fourteen checks on a disc. Of each file no more than its beginning is read.
///
/// # Errors
/// If the names on the disc cannot be read at all.
pub fn check(disc: &impl Listing) -> std::io::Result<Checked> {
    let mut checking = Checking { disc, paths: disc.paths()?.into_iter().collect(), faults: Vec::new() };
    checking.names();
    let referred = checking.directory();
    let syntaxes = checking.files(&referred);
    let profile = Profile::for_all(syntaxes.iter().map(String::as_str));
    if profile.is_none() {
        checking.fault(
            Check::Files,
            dicomdir::NAME,
            "no application profile allows all these transfer syntaxes",
        );
    }
    let mut faults = checking.faults;
    faults.sort_by_key(|fault| fault.check);
    Ok(Checked { instances: referred.len(), profile, faults })
}

/// What a record says of a file.
struct Referred {
    path: String,
    class: String,
    instance: String,
    syntax: String,
}

struct Checking<'d, D> {
    disc: &'d D,
    paths: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl<D: Listing> Checking<'_, D> {
    fn fault(&mut self, check: Check, place: impl Into<String>, what: &'static str) {
        self.faults.push(Fault { check, place: place.into(), what });
    }

    fn require(&mut self, holds: bool, check: Check, place: &str, what: &'static str) {
        if !holds {
            self.fault(check, place, what);
        }
    }

    /// Checks 1, 2, 9 to 12 and 14: what is where.
    fn names(&mut self) {
        for (check, name) in
            [(Check::Directory, dicomdir::NAME), (Check::Index, INDEX), (Check::Readme, README)]
        {
            self.require(self.paths.contains(name), check, name, "it is not in the root");
        }
        let page = format!("{WEB}/{INDEX}");
        self.require(self.paths.contains(&page), Check::Web, &page, "it is not there");
        for path in self.paths.clone() {
            self.require(is_path(&path), Check::Names, &path, "it is no name of ISO 9660 level 1");
            let (root, is_file) =
                path.split_once('/').map_or((path.as_str(), true), |(root, _)| (root, false));
            let like = root.starts_with("IHE") && (root != WEB || is_file);
            self.require(!like, Check::NothingLikeWeb, &path, "only the folder IHE_PDI may begin with IHE");
            let is_instance = is_file
                && path != dicomdir::NAME
                && self.disc.file(&path, 132).is_ok_and(|start| is_part_10(&start));
            self.require(!is_instance, Check::NoFileInRoot, &path, "DICOM files belong into a folder");
        }
    }

    /// Checks 3 to 6 and 13. Gives the files that records refer to.
    fn directory(&mut self) -> Vec<Referred> {
        let Ok(file) = self.disc.file(dicomdir::NAME, MOST_DIRECTORY_BYTES) else { return Vec::new() };
        let Some(header) = Header::meta(&file) else {
            self.fault(Check::DirectoryHeader, dicomdir::NAME, "it is no DICOM file");
            return Vec::new();
        };
        let uid = header.text(t::MEDIA_STORAGE_SOP_INSTANCE_UID);
        for (holds, what) in [
            (header.bytes(t::FILE_META_INFORMATION_VERSION) == [0, 1], "(0002,0001) is not 1"),
            (
                header.text(t::MEDIA_STORAGE_SOP_CLASS_UID) == MEDIA_DIRECTORY,
                "(0002,0002) is not a directory's",
            ),
            (is_uid(uid), "(0002,0003) is no UID"),
            (is_uid(header.text(t::IMPLEMENTATION_CLASS_UID)), "(0002,0012) is no UID"),
            (
                header.text(t::TRANSFER_SYNTAX_UID) == uids::EXPLICIT_VR_LITTLE_ENDIAN,
                "it is not in Explicit VR Little Endian",
            ),
        ] {
            self.require(holds, Check::DirectoryHeader, dicomdir::NAME, what);
        }
        match Directory::read(&file, &header) {
            Ok(directory) => self.records(&directory),
            Err(_) => {
                self.fault(Check::Records, dicomdir::NAME, "its elements cannot be followed");
                Vec::new()
            }
        }
    }

    fn records(&mut self, directory: &Directory) -> Vec<Referred> {
        self.require(
            directory.consistency == Some(0),
            Check::Records,
            dicomdir::NAME,
            "(0004,1212) is not 0",
        );
        self.require(directory.first != 0, Check::Records, dicomdir::NAME, "it is empty");
        let mut walk = Walk { seen: HashSet::new(), ids: HashSet::new(), referred: Vec::new() };
        let last = self.siblings(directory, directory.first, None, &mut walk);
        self.require(
            last == directory.last,
            Check::Records,
            dicomdir::NAME,
            "(0004,1202) is not the last record",
        );
        let all = walk.seen.len() == directory.records.len();
        self.require(all, Check::Records, dicomdir::NAME, "records are there that none leads to");
        walk.referred
    }

    /// Goes along records beside each other, below one of type `above`; gives the last of them.
    fn siblings(&mut self, directory: &Directory, first: u32, above: Option<Level>, walk: &mut Walk) -> u32 {
        let (mut at, mut last) = (first, 0);
        while at != 0 {
            let place = format!("record at {at}");
            let Some(record) = directory.records.get(&at).filter(|_| walk.seen.insert(at)) else {
                self.fault(Check::Records, place, "there is no record, or it was met before");
                break;
            };
            match Level::of(record).filter(|level| level.may_be_below(above)) {
                None => self.fault(Check::Records, &place, "a record of its type may not stand here"),
                Some(level) => {
                    self.keys(record, level, &place);
                    self.identity(record, level, &place, walk);
                    if level.is_leaf() {
                        walk.referred.extend(self.referred(record, &place));
                        self.require(
                            record.lower == 0,
                            Check::Records,
                            &place,
                            "there are records below a file's",
                        );
                    } else {
                        let is_empty = self.siblings(directory, record.lower, Some(level), walk) == 0;
                        self.require(!is_empty, Check::Records, &place, "there is no record below it");
                    }
                }
            }
            (last, at) = (at, record.next);
        }
        last
    }

    fn keys(&mut self, record: &Record, level: Level, place: &str) {
        let in_use = record.bytes(t::RECORD_IN_USE_FLAG) == Some(&[0xFF, 0xFF]);
        self.require(in_use, Check::Records, place, "(0004,1410) is not FFFF");
        for (tag, need) in level.keys() {
            let there = match need {
                Need::Always => record.says(*tag),
                Need::OrEmpty => record.bytes(*tag).is_some(),
                Need::WhenThere => true,
            };
            self.require(there, Check::Records, place, "a key that its type needs is missing or empty");
        }
    }

    fn identity(&mut self, record: &Record, level: Level, place: &str, walk: &mut Walk) {
        let id = record.bytes(level.identity()).unwrap_or_default();
        let is_new = walk.ids.insert((level.identity(), id.to_vec()));
        self.require(!id.is_empty(), Check::Records, place, "it does not say which one it is");
        self.require(is_new, Check::NoneTwice, place, "another record is of the same");
    }

    /// The file of a record, if its File ID can be one.
    fn referred(&mut self, record: &Record, place: &str) -> Option<Referred> {
        let id = record.text(t::REFERENCED_FILE_ID);
        let components: Vec<&str> = id.split('\\').collect();
        let fits = components.len() <= MOST_COMPONENTS && components.iter().all(|part| is_component(part, 8));
        self.require(fits, Check::FileIds, place, "(0004,1500) is no File ID");
        let in_web = components.first() == Some(&WEB);
        self.require(!in_web, Check::NothingInWeb, place, "it refers into IHE_PDI");
        fits.then(|| Referred {
            path: components.join("/"),
            class: record.text(t::REFERENCED_SOP_CLASS_UID_IN_FILE).to_owned(),
            instance: record.text(t::REFERENCED_SOP_INSTANCE_UID_IN_FILE).to_owned(),
            syntax: record.text(t::REFERENCED_TRANSFER_SYNTAX_UID_IN_FILE).to_owned(),
        })
    }

    /// Checks 7 and 8. Gives the transfer syntaxes there are.
    fn files(&mut self, referred: &[Referred]) -> BTreeSet<String> {
        let mut syntaxes = BTreeSet::new();
        for Referred { path, class, instance, syntax } in referred {
            let start = self.disc.file(path, HEADER_BYTES).unwrap_or_default();
            let Some(header) = Header::read(&start) else {
                self.fault(Check::Files, path, "it is not there, or no DICOM file");
                continue;
            };
            let found = header.text(t::TRANSFER_SYNTAX_UID);
            syntaxes.insert(found.to_owned());
            let (of_class, of_instance) = (header.text(t::SOP_CLASS_UID), header.text(t::SOP_INSTANCE_UID));
            for (holds, what) in [
                (of_class == class, "its SOP class is not what its record says"),
                (of_instance == instance, "its SOP instance is not what its record says"),
                (found == syntax, "its transfer syntax is not what its record says"),
            ] {
                self.require(holds, Check::Files, path, what);
            }
            let named = [t::MEDIA_STORAGE_SOP_CLASS_UID, t::MEDIA_STORAGE_SOP_INSTANCE_UID];
            let holds = named.map(|tag| header.text(tag)) == [of_class, of_instance];
            self.require(holds, Check::FileHeaders, path, "its header names another instance than is in it");
        }
        syntaxes
    }
}

/// What a walk over all records has met.
struct Walk {
    seen: HashSet<u32>,
    /// What identifies records, by the element that says it.
    ids: HashSet<(Tag, Vec<u8>)>,
    referred: Vec<Referred>,
}

/// PS3.5 §9.1, as far as the characters go.
fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
