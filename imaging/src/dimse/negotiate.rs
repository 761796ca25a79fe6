//! What is accepted of what a caller proposes (PS3.8 §9.3.3, PS3.7 Annex D).

use super::scp::Peer;
use dicom::dictionary_std::uids;
use dicom::ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceProviderASCEReason,
    AssociationRJServiceProviderPresentationReason, AssociationRJServiceUserReason, AssociationRJSource,
    AssociationRQ, PresentationContextProposed, PresentationContextResult, PresentationContextResultReason,
    UserVariableItem,
};
use std::collections::BTreeSet;

/// The DICOM application context name (PS3.7 A.2.1).
pub(super) const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

/// Who may be on the other end, or which of our names may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AeTitles {
    /// Whoever.
    Any,
    /// These and no others.
    Only(Vec<String>),
}

impl AeTitles {
    fn allow(&self, title: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(titles) => titles.iter().any(|allowed| allowed == title),
        }
    }
}

/// SOP classes of services other than Storage and Verification (PS3.6 table A-1), by UID or by the
/// beginning of the UIDs of a family. Everything else is taken for a storage class: new ones are
/// defined every year, private ones are common, and an image must not be lost for a missing name.
const NOT_STORAGE: &[&str] = &[
    "1.2.840.10008.1.3.10",         // Media Storage Directory
    "1.2.840.10008.1.9",            // Basic Study Content Notification
    "1.2.840.10008.1.20.",          // Storage Commitment
    "1.2.840.10008.1.40",           // Procedural Event Logging
    "1.2.840.10008.1.42",           // Substance Administration Logging
    "1.2.840.10008.3.1.2.",         // patient, visit, study and procedure step management
    "1.2.840.10008.5.1.1.",         // print and display management
    "1.2.840.10008.5.1.4.1.1.201.", // Inventory and its query/retrieve; Inventory Storage is taken out below
    "1.2.840.10008.5.1.4.1.2.",     // query/retrieve
    "1.2.840.10008.5.1.4.31",       // Modality Worklist
    "1.2.840.10008.5.1.4.32.",      // General Purpose Worklist
    "1.2.840.10008.5.1.4.33",       // Instance Availability Notification
    "1.2.840.10008.5.1.4.34.4.",    // Unified Procedure Step, trial
    "1.2.840.10008.5.1.4.34.6.",    // Unified Procedure Step
    "1.2.840.10008.5.1.4.34.8",     // RT Conventional Machine Verification
    "1.2.840.10008.5.1.4.34.9",     // RT Ion Machine Verification
    "1.2.840.10008.5.1.4.37.",      // Relevant Patient Information Query
    "1.2.840.10008.5.1.4.38.2",     // Hanging Protocol query/retrieve
    "1.2.840.10008.5.1.4.38.3",
    "1.2.840.10008.5.1.4.38.4",
    "1.2.840.10008.5.1.4.39.2", // Color Palette query/retrieve
    "1.2.840.10008.5.1.4.39.3",
    "1.2.840.10008.5.1.4.39.4",
    "1.2.840.10008.5.1.4.41",   // Product Characteristics Query
    "1.2.840.10008.5.1.4.42",   // Substance Approval Query
    "1.2.840.10008.5.1.4.43.2", // Generic Implant Template query/retrieve
    "1.2.840.10008.5.1.4.43.3",
    "1.2.840.10008.5.1.4.43.4",
    "1.2.840.10008.5.1.4.44.2", // Implant Assembly Template query/retrieve
    "1.2.840.10008.5.1.4.44.3",
    "1.2.840.10008.5.1.4.44.4",
    "1.2.840.10008.5.1.4.45.2", // Implant Template Group query/retrieve
    "1.2.840.10008.5.1.4.45.3",
    "1.2.840.10008.5.1.4.45.4",
];

/// Inventory Storage shares its prefix with the inventory services.
const INVENTORY_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.201.1";

/// Whether instances of this abstract syntax are taken, or it is Verification.
#[must_use]
pub fn is_supported(abstract_syntax: &str) -> bool {
    let named = |uid: &&str| match uid.strip_suffix('.') {
        Some(_) => abstract_syntax.starts_with(*uid),
        None => abstract_syntax == *uid,
    };
    abstract_syntax == INVENTORY_STORAGE || !NOT_STORAGE.iter().any(named)
}

/// The transfer syntax taken of those proposed: Explicit VR Little Endian where it is among them (it
/// plays everywhere and lets the archive compress), otherwise the first, which the sender prefers.
/// Any syntax will do, because nothing is decoded; but it goes into file headers, so it must be a UID.
#[must_use]
pub fn choose_transfer_syntax(proposed: &[String]) -> Option<&str> {
    let mut named = proposed.iter().map(|uid| trimmed(uid)).filter(|uid| is_uid(uid));
    let first = named.next()?;
    let explicit = |uid: &&str| *uid == uids::EXPLICIT_VR_LITTLE_ENDIAN;
    std::iter::once(first).chain(named).find(explicit).or(Some(first))
}

/// Not too strict: whether a component begins with a zero (PS3.5 §9.1) harms nobody.
fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit())
}

pub(super) fn trimmed(uid: &str) -> &str {
    uid.trim_end_matches(['\0', ' '])
}

/// Why an association is rejected (PS3.8 table 9-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not version 1 of the upper layer protocol, the only one there is.
    #[error("the protocol version is not supported")]
    ProtocolVersion,
    /// Not the DICOM application context.
    #[error("the application context name is not supported")]
    ApplicationContext,
    /// The caller is not on the list.
    #[error("the calling AE title is not on the allow-list")]
    CallingAeTitle,
    /// We do not go by that name.
    #[error("the called AE title is not one of ours")]
    CalledAeTitle,
    /// As many associations as there may be are open; later there may be room.
    #[error("as many associations are open as there may be")]
    Congestion,
}

impl Rejection {
    pub(super) fn pdu(self) -> AssociationRJ {
        let user = AssociationRJSource::ServiceUser;
        let source = match self {
            Self::ProtocolVersion => AssociationRJSource::ServiceProviderASCE(
                AssociationRJServiceProviderASCEReason::ProtocolVersionNotSupported,
            ),
            Self::ApplicationContext => {
                user(AssociationRJServiceUserReason::ApplicationContextNameNotSupported)
            }
            Self::CallingAeTitle => user(AssociationRJServiceUserReason::CallingAETitleNotRecognized),
            Self::CalledAeTitle => user(AssociationRJServiceUserReason::CalledAETitleNotRecognized),
            Self::Congestion => AssociationRJSource::ServiceProviderPresentation(
                AssociationRJServiceProviderPresentationReason::LocalLimitExceeded,
            ),
        };
        let result = match self {
            Self::Congestion => AssociationRJResult::Transient,
            _ => AssociationRJResult::Permanent,
        };
        AssociationRJ { result, source }
    }
}

/// Checks who calls whom.
///
/// # Errors
/// The [`Rejection`] to answer with.
pub(super) fn admit(
    request: &AssociationRQ,
    peer: &Peer,
    called: &AeTitles,
    calling: &AeTitles,
) -> Result<(), Rejection> {
    // One bit for each version (PS3.8 table 9-11); those of later versions may be set too.
    if request.protocol_version & 1 == 0 {
        return Err(Rejection::ProtocolVersion);
    }
    if trimmed(&request.application_context_name) != APPLICATION_CONTEXT {
        return Err(Rejection::ApplicationContext);
    }
    if !called.allow(&peer.called_ae_title) {
        return Err(Rejection::CalledAeTitle);
    }
    if !calling.allow(&peer.calling_ae_title) {
        return Err(Rejection::CallingAeTitle);
    }
    Ok(())
}

/// The acceptance of `request`: every proposed context with its result.
pub(super) fn accept(request: &AssociationRQ, max_pdu_bytes: u32) -> AssociationAC {
    let mut ids = BTreeSet::new();
    let results =
        request.presentation_contexts.iter().map(|proposed| result_of(proposed, ids.insert(proposed.id)));
    AssociationAC {
        protocol_version: 1,
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        called_ae_title: request.called_ae_title.clone(),
        calling_ae_title: request.calling_ae_title.clone(),
        presentation_contexts: results.collect(),
        user_variables: vec![
            UserVariableItem::MaxLength(max_pdu_bytes),
            UserVariableItem::ImplementationClassUID(crate::files::IMPLEMENTATION_CLASS_UID.to_owned()),
            UserVariableItem::ImplementationVersionName(crate::files::IMPLEMENTATION_VERSION_NAME.to_owned()),
        ],
    }
}

/// Of contexts with the same id only the first is taken: what comes on it must mean one thing.
fn result_of(proposed: &PresentationContextProposed, is_first: bool) -> PresentationContextResult {
    let transfer_syntax = choose_transfer_syntax(&proposed.transfer_syntaxes);
    let (reason, transfer_syntax) = match transfer_syntax {
        _ if !is_first => (PresentationContextResultReason::NoReason, uids::IMPLICIT_VR_LITTLE_ENDIAN),
        _ if !is_supported(trimmed(&proposed.abstract_syntax)) => {
            (PresentationContextResultReason::AbstractSyntaxNotSupported, uids::IMPLICIT_VR_LITTLE_ENDIAN)
        }
        Some(transfer_syntax) => (PresentationContextResultReason::Acceptance, transfer_syntax),
        None => {
            (PresentationContextResultReason::TransferSyntaxesNotSupported, uids::IMPLICIT_VR_LITTLE_ENDIAN)
        }
    };
    PresentationContextResult { id: proposed.id, reason, transfer_syntax: transfer_syntax.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_classes_old_new_and_private_are_taken_and_other_services_are_not() {
        let taken = [
            uids::VERIFICATION,
            uids::CT_IMAGE_STORAGE,
            uids::HANGING_PROTOCOL_STORAGE,
            uids::RT_BEAMS_DELIVERY_INSTRUCTION_STORAGE,
            INVENTORY_STORAGE,
            "1.3.12.2.1107.5.9.1",
            "1.2.840.10008.5.1.4.1.1.999.1",
        ];
        let refused = [
            uids::MODALITY_WORKLIST_INFORMATION_MODEL_FIND,
            uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_MOVE,
            uids::STORAGE_COMMITMENT_PUSH_MODEL,
            uids::BASIC_GRAYSCALE_PRINT_MANAGEMENT_META,
            uids::MODALITY_PERFORMED_PROCEDURE_STEP,
            uids::MEDIA_STORAGE_DIRECTORY_STORAGE,
            uids::UNIFIED_PROCEDURE_STEP_PUSH,
        ];
        assert_eq!(taken.map(is_supported), [true; 7]);
        assert_eq!(refused.map(is_supported), [false; 7]);
    }

    #[test]
    fn explicit_little_endian_wins_wherever_it_stands_and_otherwise_the_senders_first() {
        let chosen = |proposed: &[&str]| {
            let proposed: Vec<String> = proposed.iter().map(ToString::to_string).collect();
            choose_transfer_syntax(&proposed).map(str::to_owned)
        };
        let (implicit, explicit) = (uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::EXPLICIT_VR_LITTLE_ENDIAN);
        assert_eq!(chosen(&[implicit, uids::JPEG2000, explicit]).as_deref(), Some(explicit));
        assert_eq!(chosen(&[uids::JPEG2000, implicit]).as_deref(), Some(uids::JPEG2000));
        assert_eq!(chosen(&["1.3.6.1.4.1.99999"]).as_deref(), Some("1.3.6.1.4.1.99999"));
        assert_eq!(chosen(&["", "one", implicit]).as_deref(), Some(implicit));
        assert_eq!(chosen(&[]), None);
    }
}
