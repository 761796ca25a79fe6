//! The SCU against a small acceptor of the library's, and against dcmtk's `storescp`.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use dicom::ul::ServerAssociationOptions;
use dicom::ul::pdu::PDataValue;

use super::*;
use crate::samples;

const EXPLICIT: &str = samples::EXPLICIT_VR_LE;
const CT: &str = samples::CT_IMAGE_STORAGE;

/// What the acceptor received: command sets and data sets, each put together from its fragments.
type Received = Vec<(PDataValueType, Vec<u8>)>;

/// Accepts one association for Verification and CT, answers each message as `respond` says
/// (`None`: with an abort), and gives what it received.
fn acceptor(
    max_pdu_bytes: u32,
    mut respond: impl FnMut(u16, u16) -> Option<Vec<u8>> + Send + 'static,
) -> (SocketAddr, JoinHandle<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut association = ServerAssociationOptions::new()
            .accept_any()
            .with_abstract_syntax(VERIFICATION)
            .with_abstract_syntax(CT)
            .max_pdu_length(max_pdu_bytes)
            .establish(stream)
            .unwrap();
        let mut received: Received = Vec::new();
        let mut open = false;
        loop {
            let Ok(Pdu::PData { data }) = association.receive() else { break };
            for value in data {
                if open {
                    received.last_mut().unwrap().1.extend(value.data);
                } else {
                    received.push((value.value_type, value.data));
                }
                open = !value.is_last;
                let Some((field, id)) = (!open).then(|| due(&received)).flatten() else { continue };
                let Some(response) = respond(field, id) else {
                    association.abort().unwrap();
                    return received;
                };
                let value = PDataValue {
                    presentation_context_id: value.presentation_context_id,
                    value_type: PDataValueType::Command,
                    is_last: true,
                    data: response,
                };
                association.send(&Pdu::PData { data: vec![value] }).unwrap();
            }
        }
        association.send(&Pdu::ReleaseRP).unwrap_or_default();
        received
    });
    (address, thread)
}

/// The request that is complete and wants its answer: command field and message id.
fn due(received: &Received) -> Option<(u16, u16)> {
    let (_, command) = received.iter().rev().find(|(kind, _)| *kind == PDataValueType::Command)?;
    let (field, id) = (number(command, tags::COMMAND_FIELD), number(command, tags::MESSAGE_ID));
    let last_is_data = received.last()?.0 == PDataValueType::Data;
    (field == C_ECHO_RQ || last_is_data).then_some((field, id))
}

fn number(command: &[u8], tag: Tag) -> u16 {
    let object =
        InMemDicomObject::read_dataset_with_ts(command, &IMPLICIT_VR_LITTLE_ENDIAN.erased()).unwrap();
    object.element(tag).unwrap().to_int().unwrap()
}

fn response(field: u16, id: u16, status: u16) -> Vec<u8> {
    encode([
        short(tags::COMMAND_FIELD, field | RESPONSE),
        short(tags::MESSAGE_ID_BEING_RESPONDED_TO, id),
        short(tags::COMMAND_DATA_SET_TYPE, NO_DATA_SET),
        short(tags::STATUS, status),
    ])
    .unwrap()
}

fn connect(address: SocketAddr) -> Result<Scu, ScuError> {
    Scu::connect(address, "SCU", "SCP", &[(VERIFICATION, EXPLICIT), (CT, EXPLICIT)], Timeouts::default())
}

#[test]
fn a_command_set_begins_with_its_group_length_and_the_data_set_arrives_whole() {
    let (address, acceptor) = acceptor(16_384, |field, id| Some(response(field, id, 0)));
    let dataset: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut scu = connect(address).unwrap();
    assert_eq!(scu.echo().unwrap(), 0);
    assert_eq!(scu.store(CT, "1.2.3", EXPLICIT, &dataset).unwrap(), 0);
    scu.release().unwrap();

    let received = acceptor.join().unwrap();
    assert_eq!(received.len(), 3);
    for (_, command) in &received[..2] {
        assert_eq!(command[..8], [0, 0, 0, 0, 4, 0, 0, 0]);
        let length = u32::from_le_bytes(command[8..12].try_into().unwrap());
        assert_eq!(usize::try_from(length).unwrap(), command.len() - 12);
    }
    assert_eq!(number(&received[0].1, tags::COMMAND_DATA_SET_TYPE), NO_DATA_SET);
    assert_eq!(number(&received[1].1, tags::MESSAGE_ID), 2);
    assert!(received[2].1 == dataset);
}

#[test]
fn an_empty_data_set_is_still_a_last_fragment() {
    let (address, acceptor) = acceptor(16_384, |field, id| Some(response(field, id, 0xA900)));
    let mut scu = connect(address).unwrap();
    assert_eq!(scu.store(CT, "1.2.3", EXPLICIT, &[]).unwrap(), 0xA900);
    scu.release().unwrap();
    assert_eq!(acceptor.join().unwrap().len(), 2);
}

#[test]
fn a_pair_that_was_not_accepted_is_refused_before_anything_is_sent() {
    let (address, acceptor) = acceptor(16_384, |field, id| Some(response(field, id, 0)));
    let mut scu = connect(address).unwrap();
    assert!(scu.accepts(CT, EXPLICIT) && !scu.accepts(CT, "1.2.840.10008.1.2.5"));
    let refused = scu.store("1.2.840.10008.5.1.4.1.1.4", "1.2.3", EXPLICIT, &[]);
    assert!(matches!(refused, Err(ScuError::NotAccepted { .. })));
    assert_eq!(scu.echo().unwrap(), 0, "the association goes on");
    scu.release().unwrap();
    acceptor.join().unwrap();
}

#[test]
fn responses_to_something_else_are_errors() {
    for (wrong, because) in [
        (response(C_STORE_RQ, 1, 0), "another kind"),
        (response(C_ECHO_RQ, 7, 0), "another message"),
        (encode([short(tags::COMMAND_FIELD, C_ECHO_RQ | RESPONSE)]).unwrap(), "another message"),
        (vec![0; 20_000], "another kind"),
    ] {
        let (address, acceptor) = acceptor(16_384, move |_, _| Some(wrong.clone()));
        let error = connect(address).unwrap().echo().unwrap_err();
        assert!(error.to_string().contains(because), "{error}");
        acceptor.join().unwrap();
    }
}

#[test]
fn an_abort_is_told_from_other_failures() {
    let (address, aborting) = acceptor(16_384, |_, _| None);
    assert!(matches!(connect(address).unwrap().echo(), Err(ScuError::Aborted)));
    aborting.join().unwrap();
}

/// What comes of an association that `meet` does not lead to its end.
fn refusal(meet: impl FnOnce(TcpStream) + Send + 'static) -> ScuError {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let refusing = std::thread::spawn(move || meet(listener.accept().unwrap().0));
    let error = connect(address).unwrap_err();
    refusing.join().unwrap();
    error
}

#[test]
fn a_rejection_and_an_acceptance_of_nothing_have_their_names() {
    let error = refusal(|stream| {
        let for_another = ServerAssociationOptions::new().with_abstract_syntax(CT).ae_title("OTHER");
        for_another.accept_called_ae_title().establish(stream).map(drop).unwrap_err();
    });
    assert!(matches!(error, ScuError::Rejected { transient: false, .. }), "{error}");
    assert!(error.to_string().contains("for good"));

    let error = refusal(|stream| {
        let for_nothing = ServerAssociationOptions::new().with_abstract_syntax("1.2.3.4");
        for_nothing.establish(stream).map(drop).unwrap_or_default();
    });
    assert!(matches!(error, ScuError::NothingAccepted), "{error}");
}

#[test]
fn fragments_are_even_and_a_peer_without_room_is_refused() {
    assert_eq!(fragment_bytes(16_384).unwrap(), 16_378);
    assert_eq!(fragment_bytes(16_383).unwrap(), 16_376);
    assert_eq!(fragment_bytes(u32::MAX).unwrap(), 131_066);
    for bytes in [0, 6, 7] {
        assert!(matches!(fragment_bytes(bytes), Err(ScuError::PduTooSmall(_))));
    }
    let many = vec![(CT, EXPLICIT); 129];
    let refused = Scu::connect("127.0.0.1:1", "SCU", "SCP", &many, Timeouts::default());
    assert!(matches!(refused, Err(ScuError::TooManyContexts(129))));
}

/// A running `storescp`, stopped when dropped.
struct StoreScp {
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl StoreScp {
    /// `None` where dcmtk is not installed.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("storescp")
            .args(["+B", "-od"])
            .arg(folder.path())
            .arg(free.port().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { child, address: free, folder })
    }

    fn connect(&self, contexts: &[(&str, &str)]) -> Scu {
        for _ in 0..100 {
            if let Ok(scu) = Scu::connect(self.address, "SCU", "SCP", contexts, Timeouts::default()) {
                return scu;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("storescp did not begin to listen");
    }
}

impl Drop for StoreScp {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

#[test]
fn dcmtk_storescp_keeps_every_sample_exactly_as_sent() {
    let Some(peer) = StoreScp::start() else {
        // Past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "SKIPPED: dcmtk's storescp is not installed").unwrap();
        return;
    };
    let studies = [samples::ct(3, 11), samples::xray(11), samples::ultrasound_cine(11)];
    let mut contexts = vec![(VERIFICATION, EXPLICIT)];
    contexts.extend(studies.iter().map(|study| (study.instances[0].sop_class_uid, EXPLICIT)));
    let mut scu = peer.connect(&contexts);
    assert_eq!(scu.echo().unwrap(), 0);
    for study in &studies {
        for (index, instance) in study.instances.iter().enumerate() {
            let dataset = study.dataset(index).unwrap();
            let (class, uid) = (instance.sop_class_uid, &instance.sop_instance_uid);
            assert_eq!(scu.store(class, uid, EXPLICIT, &dataset).unwrap(), 0);
            let kept = std::fs::read_dir(peer.folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .find(|path| path.to_string_lossy().contains(uid.as_str()))
                .unwrap();
            assert!(std::fs::read(kept).unwrap().ends_with(&dataset), "{uid} was changed on its way");
        }
    }
    scu.release().unwrap();
}
