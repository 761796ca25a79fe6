//! Making discs of each kind: what blocks, and takes its time.

use super::kept::{self, Kept, Recorded};
use crate::desk::package::{
    self, Archived, DiscPackage, DiscSource, FileDisc, FileDiscs, Institute, Making, Recipe,
};
use crate::jobs::JobError;
use crate::model::delivery::{CodeForm, DiscForm};
use crate::model::disc::NewDisc;
use crate::store::blob::{BlobKey, BlobStore};
use burn_queue::{Image, Medium};
use imaging::chance::Chance;
use imaging::disc::{DiscObjects, Lock};
use imaging::layout::{Layout, Objects};
use imaging::opening_code::{Form, OpeningCode};
use imaging::seal::{DataKey, MasterKeys};
use imaging::secure_media::Locker;
use imaging::sign::SigningKey;
use std::sync::Arc;

/// What discs are made, and the code that opens them.
pub(super) enum Kind {
    Sealed(OpeningCode),
    Secure(OpeningCode),
    Plain,
}

impl Kind {
    /// What is wanted, with a new code.
    pub(super) fn of(form: &DiscForm, chance: &dyn Chance) -> Self {
        let code = |form: &CodeForm| match form {
            CodeForm::Words => OpeningCode::generate(Form::Words, chance),
            CodeForm::Digits => OpeningCode::generate(Form::Digits, chance),
        };
        match form {
            DiscForm::Sealed { code: form } => Self::Sealed(code(form)),
            DiscForm::Secure { code: form } => Self::Secure(code(form)),
            DiscForm::Plain { .. } => Self::Plain,
        }
    }

    pub(super) fn code(&self) -> Option<&OpeningCode> {
        match self {
            Self::Sealed(code) | Self::Secure(code) => Some(code),
            Self::Plain => None,
        }
    }
}

/// The blobs for files in the clear and for secured ones, of what has this name.
fn file_names(name: &str) -> Result<[BlobKey; 2], JobError> {
    let key = |place: u8| BlobKey::new(format!("{name}-{place}")).map_err(JobError::fail);
    Ok([key(0)?, key(1)?])
}

/// Deletes all that was written under a name.
pub(super) fn discard(blobs: &dyn BlobStore, name: &str) -> Result<(), JobError> {
    let record = BlobKey::new(name).map_err(JobError::fail)?;
    let files = file_names(name)?;
    [record].iter().chain(&files).try_for_each(|key| blobs.delete(key)).map_err(JobError::retry)
}

/// The making of discs.
pub(super) struct DiscMaking {
    pub(super) recipe: Recipe,
    pub(super) institute: Institute,
    pub(super) now_ms: i64,
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) keys: Arc<MasterKeys>,
    pub(super) chance: Arc<dyn Chance>,
    /// The blob in which is kept what the discs are made of; those for files are called after it.
    pub(super) name: String,
    /// What seals that.
    pub(super) key: DataKey,
    /// The largest medium there are drives for.
    pub(super) largest: Medium,
}

impl DiscMaking {
    /// Makes discs and keeps what they are made of: what is to be burned, and the blob with their files if they have one
    /// of their own.
    pub(super) fn run(&self, kind: &Kind) -> Result<(Vec<NewDisc>, Option<String>), JobError> {
        let signing = SigningKey::of(self.keys.current()).map_err(JobError::fail)?;
        let making = Making {
            now_ms: self.now_ms,
            zone: self.institute.zone.clone(),
            institution: self.institute.institution.as_deref(),
            key: &signing,
            others: Vec::new(),
        };
        match kind {
            Kind::Sealed(code) => Ok((self.sealed(&making, code)?, None)),
            Kind::Secure(code) => {
                let locker = Locker::new(code, &*self.chance).map_err(JobError::retry)?;
                self.of_files(&making, Some(&locker))
            }
            Kind::Plain => self.of_files(&making, None),
        }
    }

    fn sealed(&self, making: &Making<'_>, code: &OpeningCode) -> Result<Vec<NewDisc>, JobError> {
        let (recipe, chance, most) = (&self.recipe, &*self.chance, self.largest.capacity_bytes());
        let lock = Lock::begin(vec![code.clone()], chance).map_err(JobError::retry)?;
        let discs = package::sealed_discs(recipe, making, (code, lock), most, chance);
        let discs = discs.map_err(JobError::fail)?;
        let recorded = discs.iter().map(Recorded::of).collect::<Result<Vec<Recorded>, _>>();
        self.keep(&Kept::Sealed(recorded.map_err(JobError::retry)?))?;
        let archived =
            Archived::new(Arc::clone(&self.blobs), Arc::clone(&self.keys), recipe.archives.clone());
        let planned = |DiscPackage { disc, image, .. }| {
            self.planned(&image, DiscObjects::new(disc, archived.again()), Medium::Cd)
        };
        discs.into_iter().map(planned).collect()
    }

    /// Discs whose files are written once more, secured if there is something to secure them with.
    fn of_files(
        &self,
        making: &Making<'_>,
        locker: Option<&Locker>,
    ) -> Result<(Vec<NewDisc>, Option<String>), JobError> {
        let [plain, secure] = file_names(&self.name)?;
        let source = DiscSource {
            recipe: &self.recipe,
            keys: &self.keys,
            blobs: &*self.blobs,
            names: [&plain, &secure],
            largest: self.largest,
        };
        let made = package::file_discs(&source, locker, making, &*self.chance);
        let made = made.map_err(|error| match error.is_final() {
            true => JobError::fail(error),
            false => JobError::retry(error),
        })?;
        let planned = made.discs.iter().map(|FileDisc { image, .. }| {
            let files = made.files(&*self.blobs).map_err(JobError::retry)?;
            self.planned(image, vec![files], made.archive.least_medium())
        });
        let planned = planned.collect::<Result<Vec<NewDisc>, JobError>>()?;
        let FileDiscs { discs, name, key, .. } = made;
        self.keep(&Kept::Files { key, images: discs.into_iter().map(|disc| disc.image).collect() })?;
        Ok((planned, Some(name.as_str().to_owned())))
    }

    fn keep(&self, kept: &Kept) -> Result<(), JobError> {
        kept::write(kept, &*self.blobs, &self.name, &self.key, &*self.chance).map_err(JobError::retry)
    }

    /// A disc as it is to be burned: on the smallest medium from `least` on that takes it.
    fn planned(&self, image: &Layout, objects: impl Objects, least: Medium) -> Result<NewDisc, JobError> {
        let read = image.range(0..image.len(), objects).and_then(Image::of).map_err(JobError::retry)?;
        let medium = Medium::smallest_for(read.bytes()).unwrap_or(self.largest).max(least);
        Ok(NewDisc { image: read, medium })
    }
}
