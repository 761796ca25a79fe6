//! Where a disc is read from: an image, a drive, or a folder it was copied to.

use imaging::disc::{DiscImage, Medium};
use imaging::seal::ReadAt;
use std::fs::File;
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
        Ok(Self::Image(DiscImage::open(ImageFile(File::open(path)?))?))
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
