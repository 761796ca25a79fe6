//! A folder that plays a drive with a stack of blanks: each disc becomes a file.

use super::{Drive, DriveError, Tray, Watch, copy};
use crate::code::Code;
use crate::image::Image;
use crate::medium::Medium;
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// Writes each disc to a file of its own, `D7K2-9QFX.iso`, readable by its owner alone. As with a real disc,
/// what was written once is never written again.
#[derive(Debug)]
pub struct StdioDrive {
    folder: PathBuf,
}

impl StdioDrive {
    /// A drive whose discs lie in `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`DriveError::Drive`] if it cannot be made.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self, DriveError> {
        let folder = folder.into();
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(DriveError::Drive)?;
        Ok(Self { folder })
    }

    /// Where a disc lies.
    #[must_use]
    pub fn path_of(&self, disc: Code) -> PathBuf {
        self.folder.join(format!("{disc}.iso"))
    }
}

impl Drive for StdioDrive {
    fn tray(&mut self) -> Result<Tray, DriveError> {
        Ok(Tray::Blank(Medium::ALL.to_vec()))
    }

    fn burn(
        &mut self,
        disc: Code,
        image: &Image,
        source: &mut dyn Read,
        watch: &mut Watch<'_>,
    ) -> Result<(), DriveError> {
        let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.path_of(disc));
        let mut file = new.map_err(DriveError::Drive)?;
        copy(image, source, &mut file, watch)?;
        file.sync_all().map_err(DriveError::Drive)?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(DriveError::Drive)
    }

    fn read_back(&mut self, disc: Code, _: &Image) -> Result<Box<dyn Read + '_>, DriveError> {
        Ok(Box::new(File::open(self.path_of(disc)).map_err(DriveError::Drive)?))
    }

    fn eject(&mut self) -> Result<(), DriveError> {
        Ok(())
    }
}
