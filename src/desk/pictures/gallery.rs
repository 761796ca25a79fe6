//! What a package holds, by number: studies, their series, and in each the frames to look at.

use crate::desk::package::Recipe;
use crate::model::Archive;
use imaging::archive::Member;
use imaging::dicomdir::RecordType;
use imaging::index::Tag;
use imaging::package::{Counts, Instance, Patient, Series, Study};

const INSTITUTION_NAME: Tag = Tag(0x0008, 0x0080);
const NUMBER_OF_FRAMES: Tag = Tag(0x0028, 0x0008);

/// What a package holds.
#[derive(Debug)]
pub struct Gallery {
    recipe: Recipe,
}

/// A study of a gallery.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'g> {
    gallery: &'g Gallery,
    /// Whose it is.
    pub patient: &'g Patient,
    /// The study.
    pub study: &'g Study,
}

/// An instance of a gallery.
#[derive(Debug, Clone, Copy)]
pub struct Find<'g> {
    /// The archive it lies in.
    pub archive: &'g Archive,
    /// The instance.
    pub instance: &'g Instance,
}

impl<'g> Find<'g> {
    /// One of its frames, by its number from 0.
    #[must_use]
    pub fn shot(&self, frame: u32) -> Shot<'g> {
        Shot { archive: self.archive, member: &self.instance.member, frame }
    }
}

/// A frame to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Shot<'g> {
    /// The archive its instance lies in.
    pub archive: &'g Archive,
    /// Where in it.
    pub member: &'g Member,
    /// Which frame of the instance, from 0.
    pub frame: u32,
}

impl Gallery {
    /// What pages ask of a recipe; all else of it is let go, since galleries stay in memory.
    pub(super) fn of(mut recipe: Recipe) -> Self {
        recipe.contents.keep_only(&[INSTITUTION_NAME, NUMBER_OF_FRAMES]);
        Self { recipe }
    }

    /// How much there is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.recipe.contents.counts()
    }

    /// The studies, in the order of the package.
    pub fn studies(&self) -> impl Iterator<Item = Shelf<'_>> {
        let patients = self.recipe.contents.patients().iter();
        patients.flat_map(move |patient| {
            patient.studies.iter().map(move |study| Shelf { gallery: self, patient, study })
        })
    }

    /// An instance by the Instance UIDs of its study, its series and itself.
    #[must_use]
    pub fn find(&self, study: &str, series: &str, instance: &str) -> Option<Find<'_>> {
        let mut studies = self.studies().filter(|shelf| shelf.study.uid == study);
        studies.find_map(|shelf| {
            let mut found = shelf.study.series.iter().filter(|one| one.uid == series);
            let found =
                found.find_map(|one| one.instances.iter().find(|one| one.sop_instance_uid == instance));
            shelf.find(found?)
        })
    }
}

impl<'g> Shelf<'g> {
    /// How many images it has, as the manifest counts them.
    #[must_use]
    pub fn images(&self) -> u64 {
        self.study.series.iter().map(|series| series.instances.len() as u64).sum()
    }

    /// Where it was made, as its equipment says; empty if that says nothing.
    #[must_use]
    pub fn place(&self) -> &'g str {
        let mut instances = self.study.series.iter().flat_map(|series| &series.instances);
        instances.find_map(|instance| instance.keys.text(INSTITUTION_NAME)).unwrap_or_default()
    }

    /// Its modalities, each once.
    #[must_use]
    pub fn modalities(&self) -> Vec<&'g str> {
        let mut modalities: Vec<&str> = self.study.series.iter().map(|one| one.modality.as_str()).collect();
        modalities.sort_unstable();
        modalities.dedup();
        modalities
    }

    /// How many frames a series has to look at, by its number from 0; nothing if there is no such series.
    #[must_use]
    pub fn frames(&self, series: usize) -> Option<u64> {
        self.study.series.get(series).map(frames_of)
    }

    /// How many instances a series has that are read apart from pictures: reports, documents, tracings.
    #[must_use]
    pub fn documents(&self, series: usize) -> Option<u64> {
        let series = self.study.series.get(series)?;
        Some(series.instances.iter().filter(|instance| is_document(instance)).count() as u64)
    }

    /// A frame, by the numbers from 0 of its series and of itself in it.
    #[must_use]
    pub fn shot(&self, series: usize, number: u64) -> Option<Shot<'g>> {
        let mut left = number;
        for instance in images(self.study.series.get(series)?) {
            let frames = u64::from(instance.frames());
            if left < frames {
                return Some(self.find(instance)?.shot(u32::try_from(left).ok()?));
            }
            left -= frames;
        }
        None
    }

    /// The frame that shows best what this is: the middle of the longest series.
    #[must_use]
    pub fn middle(&self) -> Option<Shot<'g>> {
        let series = self.study.series.iter().enumerate();
        let (at, longest) = series.max_by_key(|(at, one)| (frames_of(one), std::cmp::Reverse(*at)))?;
        self.shot(at, frames_of(longest) / 2)
    }

    fn find(&self, instance: &'g Instance) -> Option<Find<'g>> {
        let archive = self.gallery.recipe.archives.get(usize::try_from(instance.object).ok()?)?;
        Some(Find { archive, instance })
    }
}

/// The instances of a series that are pictures; what else there is comes with what is saved.
fn images(series: &Series) -> impl Iterator<Item = &Instance> {
    series.instances.iter().filter(|instance| instance.record() == Some(RecordType::Image))
}

/// Structured reports, waveforms and encapsulated documents (PS3.4 annex B.5): what the viewer shows of what is no picture.
fn is_document(instance: &Instance) -> bool {
    ["1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.9.", "1.2.840.10008.5.1.4.1.1.104."]
        .iter()
        .any(|class| instance.sop_class_uid.starts_with(class))
}

fn frames_of(series: &Series) -> u64 {
    images(series).map(|instance| u64::from(instance.frames())).sum()
}
