//! Which arrivals of a SOP Instance are the same.
//!
//! The same bytes again are dropped; other bytes, another encoding too, are kept and flagged. A header
//! that was written here says nothing about the sender's file, so it does not make a difference.

use crate::model::{InstanceRow, Place};
use crate::store::db::Db;
use crate::store::{StoreError, studies};
use std::collections::{HashMap, HashSet};

/// What one arrival of a SOP Instance was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) transfer_syntax_uid: String,
    pub(super) sha256: String,
    pub(super) dataset_sha256: String,
    pub(super) header_is_ours: bool,
}

impl Version {
    /// Whether `later` brings nothing that this one has not.
    fn covers(&self, later: &Self) -> bool {
        self.transfer_syntax_uid == later.transfer_syntax_uid
            && self.dataset_sha256 == later.dataset_sha256
            && (later.header_is_ours || self.sha256 == later.sha256)
    }
}

/// The arrivals of each SOP Instance of a study, in order.
#[derive(Debug, Default)]
pub(super) struct Versions(HashMap<String, Vec<Version>>);

impl Versions {
    /// What is archived already of the SOP Instances among `instances`.
    pub(super) async fn known_before(
        db: &Db,
        study: &str,
        instances: &[InstanceRow],
    ) -> Result<Self, StoreError> {
        let arriving: HashSet<&str> =
            instances.iter().map(|instance| instance.sop_instance_uid.as_str()).collect();
        let mut versions = Self::default();
        for row in studies::instances_of(db, study).await? {
            if !arriving.contains(row.sop_instance_uid.as_str()) {
                continue;
            }
            if let Place::Archive { member, .. } = row.place {
                versions.add(
                    &row.sop_instance_uid,
                    Version {
                        id: row.id,
                        transfer_syntax_uid: row.transfer_syntax_uid,
                        sha256: member.sha256,
                        dataset_sha256: member.dataset_sha256,
                        header_is_ours: row.header_is_ours,
                    },
                );
            }
        }
        Ok(versions)
    }

    pub(super) fn has(&self, sop_instance_uid: &str) -> bool {
        self.0.contains_key(sop_instance_uid)
    }

    /// The first arrival of it.
    pub(super) fn first(&self, sop_instance_uid: &str) -> Option<&Version> {
        self.0.get(sop_instance_uid)?.first()
    }

    /// The earlier arrival that `version` only repeats.
    pub(super) fn same(&self, sop_instance_uid: &str, version: &Version) -> Option<&Version> {
        self.0.get(sop_instance_uid)?.iter().find(|earlier| earlier.covers(version))
    }

    pub(super) fn add(&mut self, sop_instance_uid: &str, version: Version) {
        self.0.entry(sop_instance_uid.to_owned()).or_default().push(version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(sha256: &str, dataset_sha256: &str, header_is_ours: bool) -> Version {
        Version {
            id: "1".into(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
            sha256: sha256.into(),
            dataset_sha256: dataset_sha256.into(),
            header_is_ours,
        }
    }

    #[test]
    fn the_same_data_set_is_a_repetition_unless_its_own_header_differs() {
        let file = version("file", "data", false);
        let sent = version("sent", "data", true);
        assert!(file.covers(&sent), "sent by DIMSE after the file came");
        assert!(sent.covers(&version("sent by another AE", "data", true)));
        assert!(!sent.covers(&file), "the file's own header is new");
        assert!(!file.covers(&version("other header", "data", false)));
        assert!(!file.covers(&version("file", "other", true)));
        let encoded = Version { transfer_syntax_uid: "1.2.840.10008.1.2".into(), ..file.clone() };
        assert!(!file.covers(&encoded));
    }
}
