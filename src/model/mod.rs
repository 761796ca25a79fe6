//! The aggregates' plain types and state machines: no I/O, no clock, no chance.

pub mod archive;
pub mod arrival;
pub mod finding;
pub mod job;
pub mod kept_key;
pub mod link;
pub mod message;
pub mod name;
pub mod package;
pub mod refused;
pub mod study;

pub use archive::{Archive, ArchiveSizes, ArchiveState, NewArchive};
pub use arrival::{ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, Source};
pub use finding::{Finding, FindingKind, NewFinding, SubjectKind};
pub use job::{Effect, Ending, Job, JobState, Lease, LeasedJob, NewJob, Overdue, Twin};
pub use kept_key::KeptKey;
pub use link::{LinkGrant, LinkState, NewLinkGrant, Rights};
pub use message::{Message, MessageState, NewMessage};
pub use package::{NewPackage, Package, PackageCounts};
pub use refused::Refused;
pub use study::{
    InstanceRow, MemberMethod, Patient, Place, SettledInstance, Spooled, StudyCursor, StudyFilter,
    StudySummary, Totals,
};
