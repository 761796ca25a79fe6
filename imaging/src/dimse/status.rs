//! Statuses (PS3.7 Annex C; for Storage PS3.4 table B.2-1): every outcome's code in one place.

/// Success.
pub const SUCCESS: u16 = 0x0000;
/// Something went wrong here that is not the sender's fault (PS3.7 C.5.14).
pub const PROCESSING_FAILURE: u16 = 0x0110;
/// The operation is not one this provider knows (PS3.7 C.5.23).
pub const UNRECOGNIZED_OPERATION: u16 = 0x0211;

/// Why an instance was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// No room, or what was written could not be made durable. Sending again later can help.
    #[error("out of resources: try again later")]
    OutOfResources,
    /// Larger than an instance may be here. Sending it again cannot help.
    #[error("larger than an instance may be here")]
    TooLarge,
    /// The data set's SOP Class or Instance UID is not the command's.
    #[error("data set and command name different SOP UIDs")]
    DoesNotMatch,
    /// The data set cannot be read far enough to know what it is.
    #[error("the data set's Study, Series or SOP UIDs cannot be read")]
    CannotUnderstand,
}

impl StoreFailure {
    /// The status of the C-STORE response (PS3.4 table B.2-1).
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::OutOfResources | Self::TooLarge => 0xA700,
            Self::DoesNotMatch => 0xA900,
            Self::CannotUnderstand => 0xC000,
        }
    }
}
