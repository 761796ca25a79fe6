//! Files sorted into folders, in the order the format wants them.

use super::{IsoError, is_d_character};
use crate::layout::Layout;
use std::collections::BTreeMap;

/// Levels of folders, the root included (ECMA-119 §6.8.2.1).
const MAX_LEVELS: usize = 8;

/// A folder. What is in it is ordered by name: `.` comes before every other character of a name, so that
/// is the order of ECMA-119 §9.3.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) entries: BTreeMap<String, Node>,
}

pub(super) enum Node {
    /// A file: its place among the image's files.
    File(usize),
    Folder(Folder),
}

impl Folder {
    /// The root, with all files sorted into it.
    pub(super) fn of(files: &[(String, Layout)]) -> Result<Self, IsoError> {
        let mut root = Self::default();
        for (place, (path, _)) in files.iter().enumerate() {
            root.insert(path, place)?;
        }
        Ok(root)
    }

    fn insert(&mut self, path: &str, place: usize) -> Result<(), IsoError> {
        let mut folders: Vec<&str> = path.split('/').collect();
        let name = folders.pop().filter(|_| is_path(path));
        let name = name.ok_or_else(|| IsoError::Name(path.to_owned()))?;
        let mut folder = self;
        for component in folders {
            let node =
                folder.entries.entry(component.to_owned()).or_insert_with(|| Node::Folder(Self::default()));
            match node {
                Node::Folder(inner) => folder = inner,
                Node::File(_) => return Err(IsoError::Twice(path.to_owned())),
            }
        }
        match folder.entries.insert(name.to_owned(), Node::File(place)) {
            None => Ok(()),
            Some(_) => Err(IsoError::Twice(path.to_owned())),
        }
    }

    /// All folders in the order of a path table (ECMA-119 §6.9.1): by level, then by their parent's place,
    /// then by name. Each with its name and its parent's place; the root is its own parent.
    pub(super) fn in_path_table_order(&self) -> Vec<Listed<'_>> {
        let mut listed = vec![Listed { name: "", parent: 0, folder: self }];
        let mut next = 0;
        while let Some(Listed { folder, .. }) = listed.get(next) {
            for (name, node) in &folder.entries {
                if let Node::Folder(inner) = node {
                    listed.push(Listed { name, parent: next, folder: inner });
                }
            }
            next += 1;
        }
        listed
    }
}

pub(super) struct Listed<'a> {
    pub(super) name: &'a str,
    pub(super) parent: usize,
    pub(super) folder: &'a Folder,
}

/// Whether level 1 has room for such a path, with `/` between its components.
#[must_use]
pub fn is_path(path: &str) -> bool {
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    folders.len() < MAX_LEVELS && folders.iter().all(|folder| is_component(folder, 8)) && is_file_name(name)
}

/// ECMA-119 §10.1: eight characters and three, of which the three and the stop may be missing.
fn is_file_name(name: &str) -> bool {
    match name.split_once('.') {
        Some((stem, ending)) => is_component(stem, 8) && is_component(ending, 3),
        None => is_component(name, 8),
    }
}

/// One to `longest` of A–Z, 0–9 and `_`: also a component of a DICOM File ID (PS3.10 §8.2).
pub(crate) fn is_component(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(is_d_character)
}
