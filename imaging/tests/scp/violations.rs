//! Associations that break the protocol: each ends with an abort that says how, and keeps nothing.

use super::peer::*;
use super::provider::Provider;

/// A-ABORT sources and reasons (PS3.8 table 9-26).
const PROVIDER: u8 = 2;
const UNRECOGNIZED: u8 = 1;
const UNEXPECTED: u8 = 2;
const INVALID: u8 = 6;

fn aborted(parts: &[Vec<u8>], reason: u8) {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    wire.send(&parts.concat());
    wire.expect_abort(PROVIDER, reason);
    provider.wait_for_no_sessions();
    assert_eq!(provider.memory.kept(), []);
}

/// The beginning of an instance.
fn begun() -> Vec<u8> {
    let command = fragment(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.2"));
    [command, fragment(1, DATA, b"the first part")].concat()
}

fn raw(kind: u8, length: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = pdu(kind, body);
    bytes[2..6].copy_from_slice(&length.to_be_bytes());
    bytes
}

#[test]
fn pdus_that_have_no_place_in_an_association_end_it() {
    aborted(&[Request::default().to_bytes()], UNEXPECTED);
    aborted(&[pdu(ASSOCIATE_AC, &[0; 68])], UNEXPECTED);
    aborted(&[pdu(ASSOCIATE_RJ, &[0, 1, 1, 1])], UNEXPECTED);
    // A collision of releases there cannot be: we never ask for one.
    aborted(&[pdu(RELEASE_RP, &[0; 4])], UNEXPECTED);
    aborted(&[pdu(0x00, b"")], UNRECOGNIZED);
    aborted(&[pdu(0x55, b"what is this?")], UNRECOGNIZED);
    aborted(&[b"GET / HTTP/1.1\r\n\r\n".to_vec()], UNRECOGNIZED);
}

#[test]
fn a_release_within_an_instance_ends_the_association_without_it() {
    aborted(&[begun(), pdu(RELEASE_RQ, &[0; 4])], UNEXPECTED);
    let command = command(C_STORE, 1, true, "1.2");
    aborted(&[fragment(1, COMMAND, &command[..20]), pdu(RELEASE_RQ, &[0; 4])], UNEXPECTED);
}

#[test]
fn a_release_of_the_wrong_length_is_not_waited_for() {
    aborted(&[raw(RELEASE_RQ, 0, b"")], INVALID);
    aborted(&[raw(RELEASE_RQ, u32::MAX, &[0; 4])], INVALID);
}

#[test]
fn an_abort_within_an_instance_is_not_answered_and_keeps_nothing() {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    wire.send(&[begun(), pdu(ABORT, &[0, 0, 0, 0])].concat());
    assert_eq!(wire.receive(), None);
    provider.wait_for_no_sessions();
    assert_eq!(provider.memory.kept(), []);
}

#[test]
fn a_connection_lost_within_an_instance_keeps_nothing() {
    let provider = Provider::start();
    for cut in [1, 7, 12, 40] {
        let mut wire = Wire::associate(provider.address);
        let bytes = begun();
        wire.send(&bytes[..bytes.len() - cut]);
    }
    provider.wait_for_no_sessions();
    assert_eq!(provider.memory.kept(), []);
}

#[test]
fn fragments_out_of_place_end_the_association() {
    let store = command(C_STORE, 1, true, "1.2");
    let echo = command(C_ECHO, 2, false, "");
    aborted(&[fragment(1, LAST, b"data of no command")], UNEXPECTED);
    aborted(&[begun(), fragment(1, COMMAND | LAST, &echo)], UNEXPECTED);
    aborted(&[begun(), fragment(3, LAST, b"data on another context")], UNEXPECTED);
    aborted(&[fragment(1, COMMAND, &store[..20]), fragment(1, LAST, b"data")], UNEXPECTED);
    aborted(&[fragment(1, COMMAND, &store[..20]), fragment(3, COMMAND, &store[20..])], UNEXPECTED);
    aborted(&[fragment(1, COMMAND | LAST, &command(0x8001, 1, false, "1.2"))], UNEXPECTED);
    aborted(&[fragment(5, COMMAND | LAST, &echo)], INVALID);
    aborted(&[fragment(0, COMMAND | LAST, &store), fragment(0, LAST, b"data")], INVALID);
}

#[test]
fn lengths_that_cannot_be_right_end_the_association() {
    let too_long = fragment(1, COMMAND | LAST, &vec![0; (16 << 10) - 5]);
    aborted(&[too_long], INVALID);
    aborted(&[raw(P_DATA, u32::MAX, b"")], INVALID);
    // Items of 0 and 1 bytes have no room for their own head.
    aborted(&[pdu(P_DATA, &[0, 0, 0, 0, 1, 3])], INVALID);
    aborted(&[pdu(P_DATA, &[0, 0, 0, 1, 1, 3])], INVALID);
    aborted(&[pdu(P_DATA, &[0, 0, 0, 9, 1, 3, 0, 0])], INVALID);
    aborted(&[pdu(P_DATA, &[0xFF, 0xFF, 0xFF, 0xFF, 1, 3, 0, 0])], INVALID);
    aborted(&[pdu(P_DATA, &[0, 0, 0])], INVALID);
    aborted(&[begun(), pdu(P_DATA, &[pdv(1, DATA, b"and"), vec![0, 0]].concat())], INVALID);
}

#[test]
fn commands_that_cannot_be_read_or_never_end_are_not_waited_for() {
    let without_field = [0, 0, 2, 0, 2, 0, 0, 0, b'1', 0];
    aborted(&[fragment(1, COMMAND | LAST, b"")], INVALID);
    aborted(&[fragment(1, COMMAND | LAST, &without_field)], INVALID);
    aborted(&[fragment(1, COMMAND | LAST, &[0xFF; 30])], INVALID);
    let endless = vec![fragment(1, COMMAND, &[0; 1000]); 17];
    aborted(&endless, INVALID);
}
