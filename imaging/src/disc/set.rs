//! What goes on which disc of a set, where one disc does not take all.

use super::head::SEGMENT_BYTES;
use super::image::INDEX_HTM;
use super::part::SLACK_BYTES;
use crate::package::{Contents, Instance, Patient, Series, Study, TooMany, Withheld};
use std::collections::HashSet;

/// What an instance takes besides its bytes in papers, which lie in the body, and in the index: mostly.
const PAPERS_EACH: u64 = 2048;
const INDEX_EACH: u64 = 1024;
/// README, the tables of the image, the head, the rest of the index.
const FIXED_BYTES: u64 = 2 << 20;

/// A package cannot be split so that its pieces fit.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// One instance alone is larger than a disc.
    #[error("instance {sop_instance_uid} does not fit on such a disc alone")]
    Instance {
        /// Which.
        sop_instance_uid: String,
    },
    /// Names run out.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// Splits a package into as many as it takes discs of so many bytes, each a package of its own.
///
/// A study lies on one disc if it fits on one at all, and on the first that has room for it; else it is split between
/// series, and a series only if it is larger than a disc. Everything stays in its order. How much a disc takes besides
/// images is estimated: whoever makes the discs sees whether it was enough.
///
/// # Errors
/// [`SplitError`]
pub fn split(contents: &Contents, disc_bytes: u64) -> Result<Vec<Contents>, SplitError> {
    let mut planning = Planning { disc_bytes, discs: Vec::new() };
    for patient in contents.patients() {
        // A study that is withheld as a whole takes no room, and begins no disc.
        for study in patient.studies.iter().filter(|study| Load::of_study(study).instances > 0) {
            planning.study(patient, study)?;
        }
    }
    let discs: Vec<Vec<Patient>> = planning.discs.into_iter().map(Planned::patients).collect();
    let anywhere: HashSet<String> = discs.iter().flat_map(|disc| studies(disc)).map(str::to_owned).collect();
    let on_a_disc = (0..).zip(discs).map(|(number, disc)| {
        let here: HashSet<&str> = studies(&disc).collect();
        let is_told_here = |one: &&Withheld| {
            let study = one.study_instance_uid.as_str();
            // Of a study that is on no disc the first one tells.
            here.contains(study) || (number == 0 && !anywhere.contains(study))
        };
        let withheld = contents.withheld().iter().filter(is_told_here).cloned().collect();
        Ok(Contents::new(disc, withheld)?)
    });
    on_a_disc.collect()
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default)]
struct Load {
    bytes: u64,
    instances: u64,
}

impl Load {
    fn of<'i>(instances: impl Iterator<Item = &'i Instance>) -> Self {
        instances.fold(Self::default(), |load, instance| load.plus(Self::of_one(instance)))
    }

    fn of_one(instance: &Instance) -> Self {
        Self { bytes: instance.member.stored_bytes, instances: 1 }
    }

    fn of_study(study: &Study) -> Self {
        Self::of(study.series.iter().flat_map(|series| &series.instances))
    }

    fn plus(self, more: Self) -> Self {
        Self { bytes: self.bytes + more.bytes, instances: self.instances + more.instances }
    }

    /// The length of a disc's image with this on it, roughly.
    fn image_bytes(self) -> u64 {
        let segment = u64::from(SEGMENT_BYTES);
        let body = self.bytes + self.instances * PAPERS_EACH;
        let parts = body / segment + 1;
        parts * (segment + 2 * SLACK_BYTES)
            + self.instances * INDEX_EACH
            + INDEX_HTM.len() as u64
            + FIXED_BYTES
    }
}

/// Some instances of a series: all of them, mostly.
struct Piece<'c> {
    patient: &'c Patient,
    study: &'c Study,
    series: &'c Series,
    instances: &'c [Instance],
}

#[derive(Default)]
struct Planned<'c> {
    load: Load,
    pieces: Vec<Piece<'c>>,
}

struct Planning<'c> {
    disc_bytes: u64,
    discs: Vec<Planned<'c>>,
}

impl<'c> Planning<'c> {
    fn takes(&self, load: Load) -> bool {
        load.image_bytes() <= self.disc_bytes
    }

    fn study(&mut self, patient: &'c Patient, study: &'c Study) -> Result<(), SplitError> {
        let load = Load::of_study(study);
        if self.takes(load) {
            let room = self.discs.iter().position(|disc| self.takes(disc.load.plus(load)));
            let place = room.unwrap_or_else(|| self.begin());
            for series in &study.series {
                self.put(place, Piece { patient, study, series, instances: &series.instances });
            }
            return Ok(());
        }
        // A study that is split begins a disc: it is on as few as can be.
        let mut place = self.begin();
        for series in &study.series {
            let load = Load::of(series.instances.iter());
            if self.takes(load) {
                place = self.at_or_after(place, load);
                self.put(place, Piece { patient, study, series, instances: &series.instances });
            } else {
                place = self.series(place, patient, study, series)?;
            }
        }
        Ok(())
    }

    /// Puts a series that no disc takes on as many as it needs; the last of them.
    fn series(
        &mut self,
        mut place: usize,
        patient: &'c Patient,
        study: &'c Study,
        series: &'c Series,
    ) -> Result<usize, SplitError> {
        let mut rest = series.instances.as_slice();
        while let Some(first) = rest.first() {
            let one = Load::of_one(first);
            if !self.takes(one) {
                return Err(SplitError::Instance { sop_instance_uid: first.sop_instance_uid.clone() });
            }
            place = self.at_or_after(place, one);
            let mut load = self.discs.get(place).map_or(Load::default(), |disc| disc.load);
            let fitting = rest.iter().take_while(|instance| {
                load = load.plus(Load::of_one(instance));
                self.takes(load)
            });
            let (instances, left) = rest.split_at(fitting.count());
            self.put(place, Piece { patient, study, series, instances });
            rest = left;
        }
        Ok(place)
    }

    /// The disc at `place` if it has room, else a new one.
    fn at_or_after(&mut self, place: usize, load: Load) -> usize {
        let has_room = self.discs.get(place).is_some_and(|disc| self.takes(disc.load.plus(load)));
        if has_room { place } else { self.begin() }
    }

    fn begin(&mut self) -> usize {
        self.discs.push(Planned::default());
        self.discs.len() - 1
    }

    fn put(&mut self, place: usize, piece: Piece<'c>) {
        if let Some(disc) = self.discs.get_mut(place) {
            disc.load = disc.load.plus(Load::of(piece.instances.iter()));
            disc.pieces.push(piece);
        }
    }
}

impl Planned<'_> {
    /// What is on the disc.
    fn patients(self) -> Vec<Patient> {
        let mut patients: Vec<Patient> = Vec::new();
        for Piece { patient, study, series, instances } in self.pieces {
            if patients.last().is_none_or(|last| (&last.id, &last.issuer) != (&patient.id, &patient.issuer)) {
                patients.push(Patient { studies: Vec::new(), ..patient.clone() });
            }
            let Some(last) = patients.last_mut() else { continue };
            if last.studies.last().is_none_or(|last| last.uid != study.uid) {
                last.studies.push(Study { series: Vec::new(), ..study.clone() });
            }
            let Some(last) = last.studies.last_mut() else { continue };
            last.series.push(Series { instances: instances.to_vec(), ..series.clone() });
        }
        patients
    }
}

/// The studies of some patients, by their Instance UIDs.
fn studies(patients: &[Patient]) -> impl Iterator<Item = &str> {
    patients.iter().flat_map(|patient| &patient.studies).map(|study| study.uid.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Member, Method};
    use crate::dicomdir::Keys;
    use crate::package::Reason;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const DISC: u64 = 100 << 20;

    /// Studies of series of instances of so many bytes.
    fn package(studies: &[Vec<Vec<u64>>]) -> Contents {
        let mut uids = 0..;
        let mut uid = || format!("1.2.{}", uids.next().unwrap());
        let studies = studies
            .iter()
            .map(|_| Study {
                uid: uid(),
                date: String::new(),
                description: String::new(),
                accession_number: String::new(),
                series: Vec::new(),
            })
            .zip(studies)
            .collect::<Vec<_>>();
        let mut made = Vec::new();
        for (mut study, sizes) in studies {
            for sizes in sizes {
                let instances = sizes.iter().map(|bytes| instance(uid(), *bytes)).collect();
                study.series.push(Series {
                    uid: uid(),
                    modality: "CT".into(),
                    number: None,
                    description: String::new(),
                    instances,
                });
            }
            made.push(study);
        }
        let patient = Patient {
            id: "P1".into(),
            issuer: String::new(),
            name: String::new(),
            birth_date: String::new(),
            studies: made,
        };
        Contents::new(vec![patient], Vec::new()).unwrap()
    }

    fn instance(uid: String, bytes: u64) -> Instance {
        Instance {
            sop_instance_uid: uid,
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
            number: None,
            keys: Keys::default(),
            object: 0,
            member: Member {
                offset: 0,
                stored_bytes: bytes,
                method: Method::Stored,
                source_bytes: bytes,
                crc32: 0,
                sha256: [0; 32],
                dataset_sha256: [0; 32],
            },
        }
    }

    /// On which discs each study, series and instance is.
    fn places(discs: &[Contents]) -> [BTreeMap<String, Vec<usize>>; 3] {
        let mut places: [BTreeMap<String, Vec<usize>>; 3] = Default::default();
        for (number, disc) in discs.iter().enumerate() {
            for file in disc.files() {
                let uids = [&file.study.uid, &file.series.uid, &file.instance.sop_instance_uid];
                for (found, uid) in places.iter_mut().zip(uids) {
                    let on = found.entry(uid.clone()).or_default();
                    if on.last() != Some(&number) {
                        on.push(number);
                    }
                }
            }
        }
        places
    }

    #[test]
    fn what_fits_is_one_disc_and_a_study_fills_a_gap_that_is_large_enough() {
        let small = 20 << 20;
        assert_eq!(split(&package(&[vec![vec![small]], vec![vec![small]]]), DISC).unwrap().len(), 1);
        let discs = split(&package(&[vec![vec![3 * small]], vec![vec![3 * small]], vec![vec![small]]]), DISC)
            .unwrap();
        let counts: Vec<u64> = discs.iter().map(|disc| disc.counts().studies).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn what_is_withheld_is_told_with_its_study_and_on_the_first_disc_if_there_is_nothing_else_of_it() {
        let whole = package(&[vec![], vec![vec![DISC / 2]], vec![vec![DISC / 2]]]);
        let uids: Vec<String> = studies(whole.patients()).map(str::to_owned).collect();
        let withheld = uids.iter().map(|study| Withheld {
            study_instance_uid: study.clone(),
            series_instance_uid: "1.3".into(),
            sop_instance_uid: format!("{study}.4"),
            reason: Reason::Damaged,
        });
        let whole = Contents::new(whole.patients().to_vec(), withheld.collect()).unwrap();
        let discs = split(&whole, DISC).unwrap();
        let told: Vec<Vec<&String>> = discs
            .iter()
            .map(|disc| disc.withheld().iter().map(|one| &one.study_instance_uid).collect())
            .collect();
        assert_eq!(told, [vec![&uids[0], &uids[1]], vec![&uids[2]]]);
        assert!(discs.iter().all(|disc| disc.counts().instances == 1), "none is empty");
    }

    #[test]
    fn an_instance_larger_than_a_disc_is_named() {
        let refused = split(&package(&[vec![vec![1000, DISC]]]), DISC);
        assert!(
            matches!(refused, Err(SplitError::Instance { sop_instance_uid }) if sop_instance_uid == "1.2.2")
        );
    }

    proptest! {
        /// Everything is on exactly one disc, no disc is overfull or empty, nothing that fits on one is on two, and the
        /// same package is split the same way again.
        #[test]
        fn a_set_has_everything_once_and_splits_no_more_than_it_must(
            studies in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(1_u64..DISC / 3, 1..6), 1..4),
                1..8,
            ),
        ) {
            let whole = package(&studies);
            let discs = split(&whole, DISC).unwrap();
            let [by_study, by_series, by_instance] = places(&discs);
            prop_assert_eq!(by_instance.len(), whole.files().count());
            prop_assert!(by_instance.values().all(|on| on.len() == 1));
            for disc in &discs {
                let load = Load::of(disc.files().map(|file| file.instance));
                prop_assert!(load.instances > 0 && load.image_bytes() <= DISC);
            }
            for study in whole.patients().iter().flat_map(|patient| &patient.studies) {
                if Load::of_study(study).image_bytes() <= DISC {
                    prop_assert_eq!(by_study[&study.uid].len(), 1);
                }
                for series in &study.series {
                    if Load::of(series.instances.iter()).image_bytes() <= DISC {
                        prop_assert_eq!(by_series[&series.uid].len(), 1);
                    }
                }
            }
            prop_assert_eq!(split(&whole, DISC).unwrap(), discs);
        }
    }
}
