//! Which instance a file is, where its data set does not say all of it.

use super::meta::Meta;
use crate::index::{Header, Identity, IdentityError, UidRole};
use dicom::dictionary_std::tags;
use sha2::{Digest, Sha256};

/// What of its identity a data set has not even an element for. An empty element is no gap: who
/// wrote it knew that a value belongs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gaps {
    /// Neither SOP Class nor SOP Instance UID: no SOP Common module (PS3.3 §C.12.1).
    pub sop_common: bool,
    /// Neither Study nor Series Instance UID.
    pub study_and_series: bool,
    /// No UID but that of the SOP class.
    pub all_but_class: bool,
}

impl Gaps {
    pub(super) fn of(header: &Header) -> Self {
        let absent = |tag| header.raw(tag).is_none();
        let no_instance = absent(tags::SOP_INSTANCE_UID);
        let study_and_series = absent(tags::STUDY_INSTANCE_UID) && absent(tags::SERIES_INSTANCE_UID);
        Self {
            sop_common: no_instance && absent(tags::SOP_CLASS_UID),
            study_and_series,
            all_but_class: no_instance && study_and_series && header.text(tags::SOP_CLASS_UID).is_some(),
        }
    }

    pub(super) fn any(self) -> bool {
        self.sop_common || self.study_and_series
    }
}

/// The identity by the rule [`super::FileReader`] gives; `data` is what assigned UIDs derive from.
pub(super) fn of(header: &Header, meta: &Meta, data: &[u8]) -> Result<Identity, IdentityError> {
    let gaps = Gaps::of(header);
    header.identity_with(|role| match role {
        UidRole::Study if gaps.study_and_series => Some(assigned("study", data)),
        UidRole::Series if gaps.study_and_series => Some(assigned("series", data)),
        UidRole::SopInstance if gaps.sop_common => meta.sop_instance_uid.clone(),
        UidRole::SopInstance if gaps.all_but_class => {
            // A header that names this very UID is the one we gave the file when we assigned it.
            Some(assigned("instance", data))
                .filter(|uid| !meta.names_instance || meta.sop_instance_uid.as_ref() == Some(uid))
        }
        UidRole::SopClass => meta.sop_class_uid.clone(),
        _ => None,
    })
}

/// A UID that is always the same for the same bytes. No label is the beginning of another.
fn assigned(label: &str, data: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::new().chain_update(label).chain_update(data).finalize().into();
    let number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("2.25.{number}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::uid_fault;

    #[test]
    fn an_assigned_uid_is_the_first_half_of_the_digest() {
        // `printf studyabc | sha256sum`
        let digest = 0xD354_735B_5878_3720_B260_489A_E162_4ECF_u128;
        assert_eq!(assigned("study", b"abc"), format!("2.25.{digest}"));
        assert_ne!(assigned("series", b"abc"), assigned("study", b"abc"));
        assert_eq!(uid_fault(&assigned("instance", b"")), Ok(()));
    }
}
