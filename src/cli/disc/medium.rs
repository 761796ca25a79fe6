//! Where a disc is read from: an image, a drive, or a folder it was copied to.

use crate::cli::print;
use imaging::disc::{DiscImage, Listing, Medium};
use imaging::seal::ReadAt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(super) enum Source {
    Image(DiscImage<ImageFile>),
    Folder(PathBuf),
}

impl Source {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let image = DiscImage::open(ImageFile(File::open(path)?))?;
        match image.missing_bytes()? {
            0 => {}
            missing => print::warn(&format!(
                "the image was cut short: {missing} bytes at its end are not there; copy it once more"
            )),
        }
        Ok(Self::Image(image))
    }
}

impl Medium for Source {
    fn file(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        match self {
            Self::Image(image) => image.file(path, limit),
            Self::Folder(folder) => {
                let mut bytes = Vec::new();
                File::open(folder.join(path))?.take(limit).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

impl Listing for Source {
    fn paths(&self) -> io::Result<Vec<String>> {
        match self {
            Self::Image(image) => image.paths(),
            Self::Folder(folder) => paths_below(folder),
        }
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        match self {
            Self::Image(image) => Listing::open(image, path),
            Self::Folder(folder) => Ok(Box::new(File::open(folder.join(path))?)),
        }
    }
}

/// The files below a folder, by their paths in it. Links are not followed.
fn paths_below(folder: &Path) -> io::Result<Vec<String>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file()
                && let Ok(path) = entry.path().strip_prefix(folder)
            {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    Ok(found)
}

/// An image file, or a drive.
pub(super) struct ImageFile(File);

impl ReadAt for ImageFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buf, offset)
    }

    fn len(&self) -> io::Result<u64> {
        // A drive has no length in its metadata, but an end.
        (&self.0).seek(SeekFrom::End(0))
    }
}
