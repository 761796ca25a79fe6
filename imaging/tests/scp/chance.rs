//! Peers made by chance: whatever they send, the provider neither panics nor hangs nor keeps what it
//! did not acknowledge.

use super::peer::*;
use super::provider::Provider;
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static PROVIDER: LazyLock<Provider> = LazyLock::new(Provider::start);

/// Sends `bytes`, says that no more come, and reads what is answered to its end.
fn talk(bytes: &[u8]) -> Vec<u8> {
    let mut stream = Wire::connect(PROVIDER.address).0;
    let mut sending = stream.try_clone().unwrap();
    let all = bytes.to_vec();
    // From a thread of its own, and whether it gets through or not: the provider may be done before.
    let sender = std::thread::spawn(move || {
        drop(sending.write_all(&all));
        drop(sending.shutdown(Shutdown::Write));
    });
    let (mut answers, from) = (Vec::new(), Instant::now());
    let ended = stream.read_to_end(&mut answers);
    sender.join().unwrap();
    assert!(from.elapsed() < Duration::from_secs(5), "it hangs: {ended:?}");
    answers
}

/// The whole PDUs in `bytes`, by kind.
fn kinds(mut bytes: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(6) {
        let length = u32::from_be_bytes(head[2..].try_into().unwrap()) as usize;
        kinds.push(head[0]);
        bytes = rest.get(length..).unwrap_or_default();
    }
    kinds
}

/// A session with everything in it that is allowed.
fn session() -> Vec<u8> {
    let mut bytes = Request::default().to_bytes();
    bytes.extend(echo(1));
    bytes.extend(store(2, "1.2", b"an instance in one piece"));
    let command = command(C_STORE, 3, true, "1.3");
    bytes.extend(fragment(1, COMMAND, &command[..30]));
    let many = [pdv(1, COMMAND | LAST, &command[30..]), pdv(1, DATA, b"in"), pdv(1, DATA, b"")].concat();
    bytes.extend(pdu(P_DATA, &many));
    bytes.extend(fragment(1, LAST, b" pieces"));
    bytes.extend(pdu(RELEASE_RQ, &[0; 4]));
    bytes
}

#[derive(Debug, Clone)]
enum Mutation {
    Set(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    CutAt(prop::sample::Index),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place =
            |index: &prop::sample::Index, bytes: &[u8]| index.index(bytes.len().max(1)).min(bytes.len());
        match self {
            Self::Set(index, value) => {
                let at = place(index, bytes);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *value;
                }
            }
            Self::Insert(index, new) => {
                let at = place(index, bytes);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(index, count) => {
                let at = place(index, bytes);
                bytes.drain(at..(at + count).min(bytes.len()));
            }
            Self::Repeat(index, count) => {
                let at = place(index, bytes);
                let again = bytes[at..(at + count).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            Self::CutAt(index) => bytes.truncate(place(index, bytes)),
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    // Small numbers and the ends of their ranges are what lengths and kinds are made of.
    let telling = prop_oneof![0..9_u8, Just(0x7F), Just(0x80), Just(0xFF), any::<u8>()];
    prop_oneof![
        6 => (at(), telling).prop_map(|(at, value)| Mutation::Set(at, value)),
        2 => (at(), vec(any::<u8>(), 1..20)).prop_map(|(at, new)| Mutation::Insert(at, new)),
        2 => (at(), 1..40_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        1 => (at(), 1..200_usize).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        1 => at().prop_map(Mutation::CutAt),
    ]
}

#[test]
fn the_session_that_is_mutated_here_is_a_valid_one() {
    let expected = [ASSOCIATE_AC, P_DATA, P_DATA, P_DATA, RELEASE_RP];
    assert_eq!(kinds(&talk(&session())), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_aborted_or_left_unanswered(bytes in vec(any::<u8>(), 0..600)) {
        let answered = kinds(&talk(&bytes));
        prop_assert!(answered.is_empty() || answered == [ABORT], "{:?}", answered);
    }

    #[test]
    fn random_bytes_within_an_association_end_it(bytes in vec(any::<u8>(), 0..600)) {
        let answered = kinds(&talk(&[Request::default().to_bytes(), bytes].concat()));
        prop_assert_eq!(answered[0], ASSOCIATE_AC);
        prop_assert!(matches!(answered[1..], [ABORT] | []), "{:?}", answered);
    }

    #[test]
    fn a_session_with_something_wrong_is_served_as_far_as_it_makes_sense(
        mutations in vec(mutation(), 1..6),
        random in vec(any::<u8>(), 0..64),
    ) {
        let mut bytes = session();
        mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        bytes.extend(random);
        let mut answered = kinds(&talk(&bytes));
        // It ends in one of four ways, and before that comes nothing but answers.
        if matches!(answered.last(), Some(&(ABORT | RELEASE_RP | ASSOCIATE_RJ))) {
            answered.pop();
        }
        if !answered.is_empty() {
            prop_assert_eq!(answered.remove(0), ASSOCIATE_AC);
        }
        prop_assert!(answered.iter().all(|kind| *kind == P_DATA), "{:?}", answered);
    }

    #[test]
    fn an_association_request_with_anything_in_it_is_answered_or_aborted(
        mutations in vec(mutation(), 1..8),
        user_items in vec(any::<u8>(), 0..100),
    ) {
        let mut bytes = Request { user_items, ..Request::default() }.to_bytes();
        let mut body = bytes.split_off(6);
        mutations.iter().for_each(|mutation| mutation.apply(&mut body));
        // The length is right, so that all of it is looked at.
        let answered = kinds(&talk(&pdu(ASSOCIATE_RQ, &body)));
        prop_assert!(
            matches!(answered[..], [ASSOCIATE_AC, ABORT] | [ASSOCIATE_RJ] | [ABORT]),
            "{:?}", answered
        );
    }
}

#[test]
fn after_all_that_it_still_serves() {
    let mut wire = Wire::associate(PROVIDER.address);
    wire.send(&store(1, "1.9", b"well"));
    assert_eq!(wire.answer(), stored(1));
    wire.release();
}
