//! Laying an image out.

use super::records::{
    Extent, Names, Places, descriptor, directory_record, path_record, record_bytes, terminator,
};
use super::tree::{Folder, Listed, Node};
use super::{IsoError, Recorded, SECTOR_BYTES, Volume};
use crate::layout::Layout;

/// Sectors before the descriptors that the format leaves to others.
const SYSTEM_SECTORS: u32 = 16;
const SECTOR: usize = 2048;

/// An image with these files: paths with `/`, and contents. Files lie in the order they are given in.
///
/// # Errors
/// [`IsoError`] if a name, a length or the number of files will not do.
pub fn image(volume: &Volume, files: Vec<(String, Layout)>) -> Result<Layout, IsoError> {
    let root = Folder::of(&files)?;
    let folders = root.in_path_table_order();
    // A descriptor for each tree, and the terminator.
    let mut next = volume.trees.iter().fold(SYSTEM_SECTORS + 1, |next, _| next + 1);
    let trees = volume.trees.iter().map(|names| Tree::place(*names, &folders, &mut next));
    let trees: Vec<Tree> = trees.collect::<Result<_, _>>()?;
    let extents = files.iter().map(|(_, content)| place_bytes(content.len(), &mut next));
    let extents: Vec<Extent> = extents.collect::<Result<_, _>>()?;

    let mut image = Layout::new();
    image.zeros(u64::from(SYSTEM_SECTORS) * SECTOR_BYTES);
    for tree in &trees {
        image.literal(&descriptor(tree.names, volume, &tree.places(next)));
    }
    image.literal(&terminator());
    for tree in &trees {
        tree.write(&folders, &extents, volume.recorded, &mut image)?;
    }
    for (_, content) in files {
        image.append(&content);
        fill_sector(&mut image);
    }
    Ok(image)
}

/// One tree of names: where its path tables and folders lie.
struct Tree {
    names: Names,
    path_table_bytes: usize,
    path_table_l: Extent,
    path_table_m: Extent,
    folders: Vec<Extent>,
}

impl Tree {
    fn place(names: Names, folders: &[Listed<'_>], next: &mut u32) -> Result<Self, IsoError> {
        let identifiers = folders.iter().map(|listed| identifier(names, listed));
        let path_table_bytes = identifiers.map(|id| path_record(&id, 0, 0, false).len()).sum();
        let path_table_l = place_bytes(path_table_bytes as u64, next)?;
        let path_table_m = place_bytes(path_table_bytes as u64, next)?;
        let place = |listed: &Listed<'_>| place_bytes(folder_bytes(names, listed.folder) as u64, next);
        let folders = folders.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self { names, path_table_bytes, path_table_l, path_table_m, folders })
    }

    fn places(&self, sectors: u32) -> Places {
        Places {
            sectors,
            path_table_bytes: self.path_table_l.bytes,
            path_table_l: self.path_table_l.sector,
            path_table_m: self.path_table_m.sector,
            root: self.folders[0],
        }
    }

    fn write(
        &self,
        folders: &[Listed<'_>],
        files: &[Extent],
        recorded: Recorded,
        image: &mut Layout,
    ) -> Result<(), IsoError> {
        for most_first in [false, true] {
            let mut table = Vec::with_capacity(self.path_table_bytes);
            for (listed, extent) in folders.iter().zip(&self.folders) {
                let parent = u16::try_from(listed.parent + 1).map_err(|_| IsoError::TooLong)?;
                table.extend(path_record(&identifier(self.names, listed), extent.sector, parent, most_first));
            }
            image.literal(&table);
            fill_sector(image);
        }
        // Folders follow the first in the order in which they are met when all are gone through.
        let mut inner = 1..;
        for (place, listed) in folders.iter().enumerate() {
            let mut bytes = Vec::new();
            let dots = [([0], self.folders[place]), ([1], self.folders[listed.parent])];
            for (name, extent) in dots {
                push_record(&mut bytes, &directory_record(&name, extent, true, recorded));
            }
            for (name, node) in &listed.folder.entries {
                let record = match node {
                    Node::File(file) => {
                        directory_record(&self.names.file(name), files[*file], false, recorded)
                    }
                    Node::Folder(_) => {
                        let extent = inner.next().map_or(self.folders[0], |inner: usize| self.folders[inner]);
                        directory_record(&self.names.folder(name), extent, true, recorded)
                    }
                };
                push_record(&mut bytes, &record);
            }
            image.literal(&bytes);
            fill_sector(image);
        }
        Ok(())
    }
}

/// A folder's identifier in a path table; the root's is one zero byte.
fn identifier(names: Names, listed: &Listed<'_>) -> Vec<u8> {
    if listed.name.is_empty() { vec![0] } else { names.folder(listed.name) }
}

/// Bytes of a folder: whole sectors, and no record across two.
fn folder_bytes(names: Names, folder: &Folder) -> usize {
    let dots = 2 * record_bytes(1);
    let end = folder.entries.iter().fold(dots, |end, (name, node)| {
        let identifier = match node {
            Node::File(_) => names.file(name),
            Node::Folder(_) => names.folder(name),
        };
        let record = record_bytes(identifier.len());
        room_for(end, record) + record
    });
    end.next_multiple_of(SECTOR)
}

/// Where a record that comes after `end` begins: in the next sector if this one has no room for it.
fn room_for(end: usize, record: usize) -> usize {
    if end % SECTOR + record > SECTOR { end.next_multiple_of(SECTOR) } else { end }
}

fn push_record(folder: &mut Vec<u8>, record: &[u8]) {
    folder.resize(room_for(folder.len(), record.len()), 0);
    folder.extend(record);
}

fn place_bytes(bytes: u64, next: &mut u32) -> Result<Extent, IsoError> {
    let extent = Extent { sector: *next, bytes: u32::try_from(bytes).map_err(|_| IsoError::TooLong)? };
    let sectors = u32::try_from(bytes.div_ceil(SECTOR_BYTES)).map_err(|_| IsoError::TooLong)?;
    *next = next.checked_add(sectors).ok_or(IsoError::TooLong)?;
    Ok(extent)
}

fn fill_sector(image: &mut Layout) {
    image.zeros(image.len().next_multiple_of(SECTOR_BYTES) - image.len());
}
