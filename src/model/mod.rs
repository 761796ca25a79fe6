//! The aggregates' plain types and state machines: no I/O, no clock, no chance.

pub mod archive;
pub mod arrival;
pub mod finding;
pub mod job;
pub mod language;
pub mod name;
pub mod study;

pub use archive::{Archive, ArchiveSizes, ArchiveState, NewArchive};
pub use arrival::{ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, Source};
pub use finding::{Finding, FindingKind, NewFinding, SubjectKind};
pub use job::{Effect, Ending, Job, JobState, Lease, LeasedJob, NewJob, Overdue, Twin};
pub use language::{Language, UnknownLanguage};
pub use study::{
    InstanceRow, MemberMethod, Patient, Place, SettledInstance, Spooled, StudyCursor, StudyFilter,
    StudySummary, Totals,
};
