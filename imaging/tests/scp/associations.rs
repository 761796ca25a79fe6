//! Who is let in, and on what terms.

use super::peer::*;
use super::provider::{Manner, Provider, settings};
use imaging::dimse::negotiate::AeTitles;
use imaging::dimse::scp::Settings;

/// Associates with `request` and gives the PDU that answers it.
fn answer_to(provider: &Provider, request: &Request<'_>) -> (u8, Vec<u8>) {
    let mut wire = Wire::connect(provider.address);
    wire.send(&request.to_bytes());
    wire.receive().expect("an answer")
}

fn only(title: &str) -> AeTitles {
    AeTitles::Only(vec![title.to_owned()])
}

#[test]
fn a_hundred_and_twenty_eight_contexts_with_sixty_syntaxes_each_are_all_answered() {
    let provider = Provider::start();
    let syntaxes: Vec<String> = (100..160).map(|n| format!("1.2.840.10008.1.2.4.{n}")).collect();
    let classes: Vec<String> = (0..128).map(|n| format!("1.2.840.10008.5.1.4.1.1.{n}")).collect();
    let context = |(id, class): (u8, &'_ String)| (id, class.clone());
    let named: Vec<_> = (0..128_u8).map(|n| 2 * n + 1).zip(&classes).map(context).collect();
    let contexts = named
        .iter()
        .map(|(id, class)| (*id, class.as_str(), syntaxes.iter().map(String::as_str).collect()))
        .collect();
    let (kind, body) = answer_to(&provider, &Request { contexts, ..Request::default() });
    assert_eq!(kind, ASSOCIATE_AC);
    let expected: Vec<_> = named.iter().map(|(id, _)| (*id, 0, syntaxes[0].clone())).collect();
    assert_eq!(results(&body), expected);
}

#[test]
fn of_contexts_with_one_id_the_first_is_taken_and_an_even_id_is_as_good_as_an_odd_one() {
    let provider = Provider::start();
    let contexts =
        vec![(2, CT, vec![JPEG_2000]), (2, VERIFICATION, vec![IMPLICIT]), (5, CT, vec!["", "a.b", EXPLICIT])];
    let mut wire = Wire::connect(provider.address);
    wire.send(&Request { contexts, ..Request::default() }.to_bytes());
    let given = results(&wire.expect(ASSOCIATE_AC));
    let result = |id, result, syntax: &str| (id, result, syntax.to_owned());
    assert_eq!(given, [result(2, 0, JPEG_2000), result(2, 2, IMPLICIT), result(5, 0, EXPLICIT)]);
    wire.send(&fragment(2, COMMAND | LAST, &command(C_STORE, 1, true, "1.2")));
    wire.send(&fragment(2, LAST, b"compressed"));
    assert_eq!(wire.answer(), Answer { context: 2, field: 0x8001, to: 1, status: 0 });
    assert_eq!(provider.memory.kept()[0].transfer_syntax_uid, JPEG_2000);
}

#[test]
fn who_may_not_call_or_calls_somebody_else_is_told_why_for_good() {
    let settings = Settings { called: only("FILMROOM"), calling: only("HANDMADE"), ..settings() };
    let provider = Provider::with(settings, Manner::Keep);
    let rejection = |request: Request<'_>| {
        let (kind, body) = answer_to(&provider, &request);
        (kind, body[1..].to_vec())
    };
    let request = Request::default;
    let called = Request { called: *b"OTHER           ", ..request() };
    assert_eq!(rejection(called), (ASSOCIATE_RJ, vec![1, 1, 7]));
    let calling = Request { calling: *b"handmade        ", ..request() };
    assert_eq!(rejection(calling), (ASSOCIATE_RJ, vec![1, 1, 3]));
    let context = Request { application_context: "1.2.3", ..request() };
    assert_eq!(rejection(context), (ASSOCIATE_RJ, vec![1, 1, 2]));
    let version = Request { version: 2, ..request() };
    assert_eq!(rejection(version), (ASSOCIATE_RJ, vec![1, 2, 2]));
    assert_eq!(provider.memory.sessions(), 0);
}

#[test]
fn titles_padded_with_nul_or_spaces_on_either_side_are_the_same_titles() {
    let settings = Settings { called: only("FILMROOM"), calling: only("HANDMADE"), ..settings() };
    let provider = Provider::with(settings, Manner::Keep);
    let (called, calling) = (*b"  FILMROOM      ", *b"HANDMADE\0\0\0\0\0\0\0\0");
    let mut wire = Wire::connect(provider.address);
    wire.send(&Request { called, calling, version: 3, ..Request::default() }.to_bytes());
    wire.expect(ASSOCIATE_AC);
    wire.send(&store(1, "1.2", b"data"));
    assert_eq!(wire.answer(), stored(1));
    assert_eq!(provider.memory.kept()[0].from, "HANDMADE");
}

#[test]
fn what_is_negotiated_beyond_contexts_is_left_at_its_defaults() {
    let provider = Provider::start();
    let mut user_items = item(0x53, &[0, 8, 0, 8]);
    user_items.extend(item(0x58, &[1, 1, 0, 1, b'u', 0, 0]));
    user_items.extend(item(0x56, &[0, 3, b'1', b'.', b'2', 2, 0]));
    user_items.extend(item(0x77, b"from a later edition"));
    let (kind, body) = answer_to(&provider, &Request { user_items, ..Request::default() });
    assert_eq!(kind, ASSOCIATE_AC);
    let (_, user) = items(&body[68..]).into_iter().find(|(kind, _)| *kind == 0x50).unwrap();
    let user = items(user);
    assert_eq!(user[0], (0x51, &(16_u32 << 10).to_be_bytes()[..]));
    let kinds: Vec<u8> = user.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [0x51, 0x52, 0x55], "asynchronous operations above all are not granted");
}

#[test]
fn one_too_many_is_turned_away_for_now_and_finds_room_as_soon_as_another_has_released() {
    let provider = Provider::with(Settings { max_associations: 2, ..settings() }, Manner::Keep);
    let first = Wire::associate(provider.address);
    let mut second = Wire::associate(provider.address);
    assert_eq!(answer_to(&provider, &Request::default()), (ASSOCIATE_RJ, vec![0, 2, 3, 2]));
    first.release();
    for _ in 0..20 {
        // Only the answer is waited for, not that the provider has closed.
        Wire::associate(provider.address).release();
    }
    second.send(&echo(1));
    assert_eq!(second.answer(), echoed(1));
}

#[test]
fn callers_that_are_being_turned_away_take_no_room_from_others() {
    let provider = Provider::with(Settings { max_associations: 1, ..settings() }, Manner::Keep);
    let admitted = Wire::associate(provider.address);
    let _silent: Vec<_> = (0..5).map(|_| Wire::connect(provider.address)).collect();
    // A sixth, so that the silent ones were seen before the release.
    assert_eq!(answer_to(&provider, &Request::default()), (ASSOCIATE_RJ, vec![0, 2, 3, 2]));
    admitted.release();
    Wire::associate(provider.address).release();
}

#[test]
fn without_means_for_a_session_an_association_is_turned_away_for_now() {
    let provider = Provider::with(settings(), Manner::Busy);
    assert_eq!(answer_to(&provider, &Request::default()), (ASSOCIATE_RJ, vec![0, 2, 3, 2]));
}

#[test]
fn what_does_not_begin_like_an_association_gets_an_abort_and_costs_nothing() {
    let provider = Provider::start();
    let malformed = |body: &[u8]| pdu(ASSOCIATE_RQ, body);
    let too_long = [&[ASSOCIATE_RQ, 0][..], &u32::MAX.to_be_bytes()].concat();
    let mut cut_short = Request::default().to_bytes();
    cut_short.truncate(cut_short.len() - 9);
    let length = u32::try_from(cut_short.len() - 6).unwrap();
    cut_short[2..6].copy_from_slice(&length.to_be_bytes());
    let cases: [(&[u8], u8); 8] = [
        (b"GET / HTTP/1.1\r\nHost: filmroom\r\n\r\n", 1),
        (&[0x16, 3, 1, 2, 0, 1, 0, 1], 1),
        (&echo(1), 2),
        (&pdu(RELEASE_RQ, &[0; 4]), 2),
        (&malformed(&[]), 6),
        (&malformed(&[0xFF; 200]), 6),
        (&too_long, 6),
        (&cut_short, 6),
    ];
    for (bytes, reason) in cases {
        let mut wire = Wire::connect(provider.address);
        wire.send(bytes);
        wire.expect_abort(2, reason);
    }
    let mut aborting = Wire::connect(provider.address);
    aborting.send(&pdu(ABORT, &[0; 4]));
    assert_eq!(aborting.receive(), None, "an abort is not answered");
    Wire::associate(provider.address).release();
    provider.wait_for_no_sessions();
}

#[test]
fn a_crowd_of_garbage_leaves_room_for_who_means_it() {
    let provider = Provider::with(Settings { max_associations: 2, ..settings() }, Manner::Keep);
    for n in 0..100_u8 {
        let mut wire = Wire::connect(provider.address);
        wire.send(&vec![n.wrapping_mul(37) | 8; 4096]);
        // Read or not, closed or left: some of each.
        if n % 2 == 0 {
            assert!(wire.receive().is_some_and(|(kind, _)| kind == ABORT));
        }
    }
    let from = std::time::Instant::now();
    loop {
        let (kind, body) = answer_to(&provider, &Request::default());
        if kind == ASSOCIATE_AC {
            break;
        }
        assert_eq!((kind, body), (ASSOCIATE_RJ, vec![0, 2, 3, 2]));
        assert!(from.elapsed().as_secs() < 5, "no room was left");
    }
}
