//! The aggregates' plain types and state machines: no I/O, no clock, no chance.

pub mod archive;
pub mod arrival;
pub mod audit;
pub mod calendar;
pub mod charge;
pub mod delivery;
pub mod disc;
pub mod disc_seal;
pub mod disclosure;
pub mod finding;
pub mod job;
pub mod kept_key;
pub mod language;
pub mod link;
pub mod message;
pub mod money;
pub mod name;
pub mod package;
pub mod promise;
pub mod reference;
pub mod refused;
pub mod request;
pub mod shipment;
pub mod site;
pub mod study;
pub mod transfer;
pub mod user;

pub use archive::{Archive, ArchiveSizes, ArchiveState, NewArchive};
pub use arrival::{ArrivedInstance, ArrivedPatient, ArrivedSeries, ArrivedStudy, Source};
pub use audit::{Actor, AuditEvent, NewEvent, Subject};
pub use charge::{Charge, ChargeEvent, ChargeState, FeeSchedule, Payment, Proposal, ProposalKind};
pub use delivery::{Delivery, DeliveryState, Destination, Way};
pub use disc::{Disc, DiscCounts, DiscSet, NewDisc, NewDiscSet, SetState};
pub use disc_seal::DiscSeal;
pub use disclosure::{Disclosure, DisclosureState, NewDisclosure};
pub use finding::{Finding, FindingKind, NewFinding, SubjectKind};
pub use job::{Effect, Ending, Job, JobState, Lease, LeasedJob, NewJob, Overdue, Twin};
pub use kept_key::{KeptKey, SealedBytes};
pub use language::{Language, UnknownLanguage};
pub use link::{LinkGrant, LinkState, NewLinkGrant, Rights};
pub use message::{Message, MessageState, NewMessage};
pub use money::Cents;
pub use package::{NewPackage, Package, PackageCounts};
pub use promise::{Promise, PromiseOutcome, Service};
pub use reference::Reference;
pub use refused::Refused;
pub use request::{ReleaseRequest, RequestState};
pub use shipment::{Progress, Recipient, Shipment};
pub use site::Site;
pub use study::{
    InstanceRow, MemberMethod, Patient, Place, SettledInstance, Spooled, StudyCursor, StudyFilter,
    StudySummary, Totals,
};
pub use transfer::{Account, Movement, NewTransfer, PaidBy, Transfer};
pub use user::{Role, User};
