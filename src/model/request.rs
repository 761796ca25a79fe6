//! Release requests: who asks for whose images, by what right, and how far it is.

mod approval;
mod deadline;
mod patient_check;
mod state;

pub use approval::{
    Approval, ApprovalRefused, Basis, Expiry, IdentityCheck, IdentitySeen, Scope, Standing, StudyInScope,
};
pub use deadline::{ClockReading, Deadlines, Extension, ExtensionRefused, Pace, deadlines};
pub use patient_check::{Agreement, Cell, CellField, CheckRecord, PatientCheck, check_patient};
pub use state::{Ground, RequestState};

use super::reference::Reference;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A release request as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRequest {
    /// The row's id. It is never shown.
    pub id: String,
    /// The name it goes by.
    pub reference: Reference,
    /// The site that works on it.
    pub site: String,
    /// The day all clocks run from, and how it is known.
    pub received: Received,
    /// Who asks.
    pub requester: Requester,
    /// Whose images, in the requester's words.
    pub patient: GivenPatient,
    /// Which images and what for, in the requester's words.
    pub wish: String,
    /// The language to answer in, a tag of RFC 5646.
    pub language: String,
    /// How far it is.
    pub state: RequestState,
    /// Whether mammograms are asked for: then 15 days, 21 CFR 900.12(c)(4).
    pub mammography: bool,
    /// The extension taken, if it was.
    pub extension: Option<Extension>,
    /// When it was submitted.
    pub submitted_at: i64,
    /// When its state changed last.
    pub changed_at: i64,
}

impl ReleaseRequest {
    /// Its dates.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        deadlines(self.received.on, self.mammography, self.extension.as_ref())
    }

    /// Whether its date may still be extended on `today`.
    #[must_use]
    pub fn may_extend(&self, today: Date) -> bool {
        let dates = self.deadlines();
        let open = dates.is_extendable(self.extension.as_ref(), self.mammography, today);
        !self.state.is_closed() && open.is_ok()
    }
}

/// The day a request reached the hospital: that of its postmark or fax stamp, not of its keying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Received {
    /// The day.
    pub on: Date,
    /// How it came.
    pub by: ReceivedBy,
}

/// How a request reached the hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedBy {
    /// A letter; its day is the postmark's.
    Mail,
    /// A fax; its day is the stamp's.
    Fax,
    /// In person.
    Counter,
    /// By telephone.
    Phone,
    /// The hospital's page or another program.
    Online,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requester {
    /// Their name.
    pub name: String,
    /// In what capacity.
    pub capacity: Capacity,
    /// An e-mail address, if they gave one.
    pub email: Option<String>,
    /// A telephone number, if they gave one.
    pub phone: Option<String>,
}

/// In what capacity someone asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Capacity {
    /// For themselves.
    Patient,
    /// For the patient: 45 CFR 164.502(g).
    Representative {
        /// What they are to the patient: parent, guardian, executor.
        relation: String,
    },
    /// For themselves or an office: an attorney, an insurer, another clinic.
    ThirdParty {
        /// Whom they ask for.
        organisation: String,
    },
}

/// Whose images are asked for, as the requester says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GivenPatient {
    /// The name, as people write it.
    pub name: String,
    /// The birth date.
    pub birth_date: Date,
    /// The Patient ID, if they know it.
    pub patient_id: Option<String>,
}
