//! From rows to what a package holds.

use crate::model::{Archive, InstanceRow, Package, Place, StudySummary};
use crate::store::db::Tx;
use crate::store::sealed::{SealedError, member_of};
use crate::store::{StoreError, archives, packages, studies};
use imaging::dicomdir::Keys;
use imaging::index::Tag;
use imaging::package::{
    Contents, Instance, Patient, Reason, Series, Study, TooMany, Withheld, in_viewing_order,
};
use std::collections::{HashMap, HashSet};

const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103E);

/// What a package holds, and the archives its bytes lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Patients, studies, series and instances in their order. The object of an instance is the place of
    /// its archive among [`Recipe::archives`].
    pub contents: Contents,
    /// The archives, each once. They never change, and may not go while the package stands.
    pub archives: Vec<Archive>,
}

impl Recipe {
    /// The id of the archive that a layout of this recipe knows by this number.
    #[must_use]
    pub fn archive_id(&self, object: u32) -> &str {
        let archive = usize::try_from(object).ok().and_then(|at| self.archives.get(at));
        archive.map_or("", |archive| &archive.id)
    }
}

/// A package cannot be made of these studies, or not yet.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
    /// Instances are still in a spool: try again when they are settled.
    #[error(
        "{instances} instances of study {study_instance_uid} are still in a spool: they must be settled first"
    )]
    NotSettled {
        /// Which study.
        study_instance_uid: String,
        /// How many instances.
        instances: usize,
    },
    /// A row does not read.
    #[error(transparent)]
    Row(#[from] SealedError),
    /// What the index keeps of an instance does not read.
    #[error("what the index keeps of instance {instance} does not read")]
    Keys {
        /// Its ingest id.
        instance: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// More than a package holds.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// The recipe of a package of these studies, whole: the current arrival of every SOP Instance. A damaged one
/// is withheld unless its ingest id is among `accepted`. Studies come by patient, then by date. All of it is
/// read in one transaction, so that what arrives meanwhile is in it whole or not at all.
///
/// # Errors
/// [`RecipeError`]
pub async fn recipe(
    tx: &mut Tx,
    released: &[StudySummary],
    accepted: &HashSet<String>,
) -> Result<Recipe, RecipeError> {
    gather(tx, released, Gathering::new(accepted)).await
}

/// What a frozen package holds: what [`recipe`] made of it then, and nothing that came later.
///
/// # Errors
/// [`RecipeError`]
pub async fn recipe_of(tx: &mut Tx, package: &Package) -> Result<Recipe, RecipeError> {
    let archives = packages::archives_of(&mut *tx, &package.id).await?;
    let studies: Vec<String> = archives.iter().map(|archive| archive.study.clone()).collect();
    let released = studies::by_ids(&mut *tx, &studies).await?;
    let within = archives.into_iter().map(|archive| archive.id).collect();
    let accepted = HashSet::new();
    gather(tx, &released, Gathering { within: Some(within), ..Gathering::new(&accepted) }).await
}

async fn gather(
    tx: &mut Tx,
    released: &[StudySummary],
    mut gathering: Gathering<'_>,
) -> Result<Recipe, RecipeError> {
    let mut released: Vec<&StudySummary> = released.iter().collect();
    released.sort_by_key(|study| (&study.patient.id, &study.study_date, &study.study_instance_uid));
    released.dedup_by_key(|study| &study.id);
    let mut patients = Vec::<Patient>::new();
    for of_patient in released.chunk_by(|one, next| one.patient.id == next.patient.id) {
        let mut made = Vec::new();
        for study in of_patient {
            let kept = archives::kept_of(&mut *tx, &study.id).await?;
            gathering.kept.extend(kept.into_iter().map(|archive| (archive.id.clone(), archive)));
            let rows = studies::instances_of(&mut *tx, &study.id).await?;
            made.push(gathering.study(study, &rows)?);
        }
        patients.extend(of_patient.first().map(|first| patient(first, made)));
    }
    let Gathering { archives, withheld, .. } = gathering;
    Ok(Recipe { contents: Contents::new(patients, withheld)?, archives })
}

fn patient(study: &StudySummary, studies: Vec<Study>) -> Patient {
    let of = study.patient.clone();
    Patient { id: of.patient_id, issuer: of.issuer, name: of.name, birth_date: of.birth_date, studies }
}

/// What comes together while rows are gone through.
struct Gathering<'a> {
    accepted: &'a HashSet<String>,
    /// The archives whose instances are meant; nothing: all are, those in a spool too.
    within: Option<HashSet<String>>,
    /// Archives there are, by id.
    kept: HashMap<String, Archive>,
    /// Those used, in the order of their first use, and their places.
    archives: Vec<Archive>,
    objects: HashMap<String, u32>,
    withheld: Vec<Withheld>,
}

impl<'a> Gathering<'a> {
    fn new(accepted: &'a HashSet<String>) -> Self {
        Self {
            accepted,
            within: None,
            kept: HashMap::new(),
            archives: Vec::new(),
            objects: HashMap::new(),
            withheld: Vec::new(),
        }
    }

    fn study(&mut self, study: &StudySummary, rows: &[InstanceRow]) -> Result<Study, RecipeError> {
        let mut series: Vec<Series> = Vec::new();
        let current: Vec<&InstanceRow> =
            rows.iter().filter(|row| row.current && self.is_meant(row)).collect();
        let mut spooled = 0;
        for rows in current.chunk_by(|one, next| one.series == next.series) {
            let mut instances = Vec::new();
            for row in rows {
                if row.damaged && !self.accepted.contains(&row.id) {
                    self.withheld.push(withheld(study, row));
                    continue;
                }
                match self.instance(row)? {
                    Some(instance) => instances.push(instance),
                    None => spooled += 1,
                }
            }
            in_viewing_order(&mut instances);
            series.extend(one_series(instances, rows));
        }
        if spooled > 0 {
            let study_instance_uid = study.study_instance_uid.clone();
            return Err(RecipeError::NotSettled { study_instance_uid, instances: spooled });
        }
        Ok(Study {
            uid: study.study_instance_uid.clone(),
            date: study.study_date.clone(),
            description: study.description.clone(),
            accession_number: study.accession_number.clone(),
            series,
        })
    }

    fn is_meant(&self, row: &InstanceRow) -> bool {
        match (&self.within, &row.place) {
            (None, _) => true,
            (Some(within), Place::Archive { archive, .. }) => within.contains(archive),
            (Some(_), Place::Spool(_)) => false,
        }
    }

    /// An instance, if it lies in an archive.
    fn instance(&mut self, row: &InstanceRow) -> Result<Option<Instance>, RecipeError> {
        let Some((archive, member)) = member_of(row)? else { return Ok(None) };
        let keys = Keys::parse(&row.keys)
            .map_err(|source| RecipeError::Keys { instance: row.id.clone(), source })?;
        Ok(Some(Instance {
            sop_instance_uid: row.sop_instance_uid.clone(),
            sop_class_uid: row.sop_class_uid.clone(),
            transfer_syntax_uid: row.transfer_syntax_uid.clone(),
            number: row.instance_number,
            keys,
            object: self.object(archive)?,
            member,
        }))
    }

    /// The number of an archive.
    fn object(&mut self, archive: &str) -> Result<u32, RecipeError> {
        if let Some(object) = self.objects.get(archive) {
            return Ok(*object);
        }
        let kept = self.kept.get(archive).ok_or(SealedError::Row("an instance lies in no archive"))?;
        let object = u32::try_from(self.archives.len()).map_err(|_| TooMany)?;
        self.archives.push(kept.clone());
        self.objects.insert(archive.to_owned(), object);
        Ok(object)
    }
}

/// A series of these instances; none of nothing.
fn one_series(instances: Vec<Instance>, rows: &[&InstanceRow]) -> Option<Series> {
    let (row, first) = (rows.first()?, instances.first()?);
    Some(Series {
        uid: row.series_instance_uid.clone(),
        modality: row.modality.clone(),
        number: row.series_number,
        description: first.keys.text(SERIES_DESCRIPTION).unwrap_or_default().to_owned(),
        instances,
    })
}

fn withheld(study: &StudySummary, row: &InstanceRow) -> Withheld {
    Withheld {
        study_instance_uid: study.study_instance_uid.clone(),
        series_instance_uid: row.series_instance_uid.clone(),
        sop_instance_uid: row.sop_instance_uid.clone(),
        reason: Reason::Damaged,
    }
}
