//! Messages in every shape they may have.

use super::peer::*;
use super::provider::{Manner, Provider, settings};
use imaging::dimse::scu::{Scu, Timeouts};
use imaging::dimse::status::StoreFailure;

/// Sends `message`, which stores `1.2` on context 1, and sees that it arrived and that all is well after.
fn keeps(message: &[Vec<u8>], expected: &[u8]) {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    message.iter().for_each(|part| wire.send(part));
    assert_eq!(wire.answer(), stored(7));
    let kept = provider.memory.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].bytes, expected);
    assert_eq!((kept[0].sop_class_uid.as_str(), kept[0].sop_instance_uid.as_str()), (CT, "1.2"));
    assert_eq!(kept[0].transfer_syntax_uid, EXPLICIT);
    wire.send(&echo(8));
    assert_eq!(wire.answer(), echoed(8));
    wire.release();
}

fn store_command() -> Vec<u8> {
    command(C_STORE, 7, true, "1.2")
}

#[test]
fn command_and_data_set_may_come_in_one_pdu() {
    let both = [pdv(1, COMMAND | LAST, &store_command()), pdv(1, LAST, b"pixels")].concat();
    keeps(&[pdu(P_DATA, &both)], b"pixels");
}

#[test]
fn a_pdu_may_hold_many_fragments_and_the_end_of_one_message_with_the_beginning_of_the_next() {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    let mut body = pdv(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.1"));
    (0..200).for_each(|n| body.extend(pdv(1, DATA, &[n; 3])));
    body.extend(pdv(1, LAST, b"end"));
    body.extend(pdv(3, COMMAND | LAST, &command(C_ECHO, 2, false, "")));
    body.extend(pdv(1, COMMAND, &command(C_STORE, 3, true, "1.3")[..11]));
    wire.send(&pdu(P_DATA, &body));
    wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 3, true, "1.3")[11..]));
    wire.send(&fragment(1, LAST, b"third"));
    assert_eq!([wire.answer(), wire.answer(), wire.answer()], [stored(1), echoed(2), stored(3)]);
    let kept = provider.memory.kept();
    assert_eq!((kept[0].bytes.len(), kept[1].bytes.as_slice()), (603, &b"third"[..]));
}

#[test]
fn a_command_and_a_data_set_may_come_byte_by_byte() {
    let command = store_command();
    let pieces = |bytes: &[u8], kind: u8| -> Vec<Vec<u8>> {
        let last = bytes.len() - 1;
        let piece =
            |(n, byte): (usize, &u8)| fragment(1, if n == last { kind | LAST } else { kind }, &[*byte]);
        bytes.iter().enumerate().map(piece).collect()
    };
    let data: Vec<u8> = (0..=255).collect();
    let whole = [pieces(&command, COMMAND), pieces(&data, DATA)].concat();
    keeps(&[whole.concat()], &data);
    // And every byte as a segment of its own.
    let singly: Vec<Vec<u8>> = store(7, "1.2", b"odd").into_iter().map(|byte| vec![byte]).collect();
    keeps(&singly, b"odd");
}

#[test]
fn empty_fragments_and_empty_pdus_are_passed_over_and_an_empty_last_one_ends_the_data_set() {
    let parts = [
        fragment(1, COMMAND, b""),
        fragment(1, COMMAND, &store_command()),
        fragment(1, COMMAND | LAST, b""),
        fragment(1, DATA, b""),
        pdu(P_DATA, b""),
        fragment(1, DATA, b"not last"),
        fragment(1, DATA, b""),
        pdu(P_DATA, b""),
        fragment(1, LAST, b""),
    ];
    keeps(&parts, b"not last");
    keeps(&[fragment(1, COMMAND | LAST, &store_command()), fragment(1, LAST, b"")], b"");
}

#[test]
fn pdus_and_fragments_of_odd_length_up_to_the_longest_agreed_are_taken() {
    let longest = vec![0xA5; (16 << 10) - 6];
    let parts = [
        fragment(1, COMMAND | LAST, &store_command()),
        fragment(1, DATA, b"odd"),
        fragment(1, DATA, &longest),
        fragment(1, LAST, &longest[..16_377]),
    ];
    keeps(&parts, &[&b"odd"[..], &longest, &longest[..16_377]].concat());
}

#[test]
fn messages_sent_without_waiting_are_answered_in_their_order() {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    let ids = 1..=200;
    let messages =
        ids.clone().flat_map(|id| if id % 3 == 0 { echo(id) } else { store(id, "1.2", &[1; 999]) });
    wire.send(&messages.collect::<Vec<u8>>());
    for id in ids {
        assert_eq!(wire.answer(), if id % 3 == 0 { echoed(id) } else { stored(id) });
    }
    wire.release();
}

#[test]
fn a_cancel_has_no_answer_with_or_without_a_data_set() {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    wire.send(&fragment(1, COMMAND | LAST, &command(0x0FFF, 1, false, "")));
    wire.send(&fragment(1, COMMAND | LAST, &command(0x0FFF, 2, true, "")));
    wire.send(&fragment(1, LAST, b"what for?"));
    wire.send(&echo(3));
    assert_eq!(wire.answer(), echoed(3));
}

#[test]
fn operations_of_other_services_are_declined_with_their_data_sets_passed_over() {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    // N-ACTION, C-FIND, C-MOVE, N-CREATE and one there is none of.
    for field in [0x0130, 0x0020, 0x0021, 0x0140, 0x0777] {
        wire.send(&fragment(1, COMMAND | LAST, &command(field, 5, true, "")));
        wire.send(&fragment(1, DATA, &[0; 5000]));
        wire.send(&fragment(1, LAST, b"asked for"));
        assert_eq!(wire.answer(), Answer { context: 1, field: field | 0x8000, to: 5, status: 0x0211 });
    }
    wire.send(&store(6, "1.2", b"still here"));
    assert_eq!(wire.answer(), stored(6));
}

#[test]
fn an_instance_without_a_data_set_is_the_sessions_to_judge() {
    let provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 1, false, "1.2")));
    assert_eq!(wire.answer(), stored(1));
    assert_eq!(provider.memory.kept()[0].bytes, b"");
}

#[test]
fn a_refused_instance_is_read_to_its_end_and_answered_with_the_status_of_its_failure() {
    let refusals = [
        (StoreFailure::OutOfResources, 0xA700),
        (StoreFailure::DoesNotMatch, 0xA900),
        (StoreFailure::CannotUnderstand, 0xC000),
    ];
    for (failure, status) in refusals {
        let provider = Provider::with(settings(), Manner::Refuse(failure));
        let mut wire = Wire::associate(provider.address);
        wire.send(&fragment(1, COMMAND | LAST, &store_command()));
        (0..100).for_each(|_| wire.send(&fragment(1, DATA, &[0; 9000])));
        wire.send(&fragment(1, LAST, b""));
        assert_eq!(wire.answer(), Answer { status, ..stored(7) });
        wire.send(&echo(8));
        assert_eq!(wire.answer(), echoed(8));
    }
}

#[test]
fn an_instance_that_was_not_read_to_its_end_is_never_acknowledged() {
    let provider = Provider::with(settings(), Manner::Forget);
    let mut wire = Wire::associate(provider.address);
    wire.send(&store(7, "1.2", b"nobody looked at"));
    assert_eq!(wire.answer(), Answer { status: 0x0110, ..stored(7) });
}

#[test]
fn our_own_sender_gets_large_and_small_instances_across() {
    let provider = Provider::start();
    let contexts = [(CT, EXPLICIT), (CT, JPEG_2000), (VERIFICATION, IMPLICIT)];
    let mut scu = Scu::connect(provider.address, "OURS", "FILMROOM", &contexts, Timeouts::default()).unwrap();
    assert_eq!(scu.echo().unwrap(), 0);
    let large: Vec<u8> = (0..3_000_001_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    assert_eq!(scu.store(CT, "1.1", JPEG_2000, &large).unwrap(), 0);
    assert_eq!(scu.store(CT, "1.2", EXPLICIT, b"small").unwrap(), 0);
    scu.release().unwrap();
    let kept = provider.memory.kept();
    assert!(kept[0].bytes == large && kept[0].transfer_syntax_uid == JPEG_2000);
    assert_eq!((kept[1].bytes.as_slice(), kept[1].from.as_str()), (&b"small"[..], "OURS"));
}
