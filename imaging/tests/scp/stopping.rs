//! Stopping: what is in the middle is finished, what rests is closed, what hangs is cut.

use super::peer::*;
use super::provider::{Manner, Provider, settings};
use imaging::dimse::scp::{Scp, Settings};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const GRACE: Duration = Duration::from_secs(20);

#[test]
fn resting_associations_and_callers_that_said_nothing_are_closed_within_a_second() {
    let mut provider = Provider::start();
    let mut idle = Wire::associate(provider.address);
    let mut used = Wire::associate(provider.address);
    used.send(&store(1, "1.2", b"data"));
    assert_eq!(used.answer(), stored(1));
    let mut silent = Wire::connect(provider.address);
    let mut halfway = Wire::connect(provider.address);
    halfway.send(&Request::default().to_bytes()[..50]);
    std::thread::sleep(Duration::from_millis(100));
    let took = provider.stop(GRACE);
    assert!(took < Duration::from_secs(1), "{took:?}");
    for wire in [&mut idle, &mut used, &mut silent, &mut halfway] {
        wire.expect_abort(0, 0);
    }
}

#[test]
fn without_callers_it_stops_at_once_whatever_address_it_listens_on() {
    for address in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
        let Ok(listener) = TcpListener::bind(address) else { continue };
        let memory = super::provider::Memory::default();
        let scp = Scp::start(listener, settings(), memory).unwrap();
        let port = scp.address().port();
        let from = Instant::now();
        scp.stop(GRACE);
        assert!(from.elapsed() < Duration::from_millis(500), "{address}: {:?}", from.elapsed());
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "{address} still listens");
    }
}

#[test]
fn an_instance_in_the_middle_is_finished_and_acknowledged_before_its_association_ends() {
    let mut provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.2")));
    wire.send(&fragment(1, DATA, b"begun, "));
    std::thread::sleep(Duration::from_millis(100));
    let finishing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        wire.send(&fragment(1, LAST, b"ended"));
        assert_eq!(wire.answer(), stored(1));
        wire.expect_abort(0, 0);
    });
    let took = provider.stop(GRACE);
    finishing.join().unwrap();
    assert!(took > Duration::from_millis(500) && took < Duration::from_secs(3), "{took:?}");
    assert_eq!(provider.memory.kept()[0].bytes, b"begun, ended");
}

#[test]
fn a_sender_that_always_has_a_next_message_is_stopped_between_two() {
    let mut provider = Provider::start();
    let mut wire = Wire::associate(provider.address);
    let sending = std::thread::spawn(move || {
        let mut acknowledged = 0;
        for id in 1.. {
            wire.send(&store(id, "1.2", &[7; 2000]));
            match wire.receive() {
                Some((P_DATA, _)) => acknowledged += 1,
                Some((kind, _)) => {
                    assert_eq!(kind, ABORT);
                    break;
                }
                None => panic!("it was cut"),
            }
        }
        acknowledged
    });
    std::thread::sleep(Duration::from_millis(200));
    let took = provider.stop(GRACE);
    let acknowledged: usize = sending.join().unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(acknowledged > 0);
    assert_eq!(provider.memory.kept().len(), acknowledged);
}

#[test]
fn an_instance_that_does_not_go_on_is_cut_when_the_grace_is_over() {
    let mut provider = Provider::with(Settings { max_associations: 2, ..settings() }, Manner::Keep);
    let mut wire = Wire::associate(provider.address);
    wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.2")));
    wire.send(&fragment(1, DATA, b"begun"));
    std::thread::sleep(Duration::from_millis(100));
    let took = provider.stop(Duration::from_millis(400));
    assert!(took > Duration::from_millis(390) && took < Duration::from_millis(1400), "{took:?}");
    assert_eq!(wire.receive(), None);
    assert_eq!(provider.memory.kept(), []);
    assert_eq!(provider.memory.sessions(), 0);
}
