//! Slow peers: how long they are waited for.

use super::peer::*;
use super::provider::{Manner, Provider, settings};
use imaging::dimse::scp::Settings;
use std::io::Write as _;
use std::time::{Duration, Instant};

fn hasty(associate_within: u64, idle: u64) -> Provider {
    let (associate_within, idle) = (Duration::from_millis(associate_within), Duration::from_millis(idle));
    Provider::with(Settings { associate_within, idle, ..settings() }, Manner::Keep)
}

/// Sends byte after byte, with a pause after each, until the provider closes; says how long it took.
fn drip(wire: &mut Wire<std::net::TcpStream>, bytes: &[u8], pause: Duration) -> Duration {
    let from = Instant::now();
    let mut dripping = Wire(wire.0.try_clone().unwrap());
    let bytes = bytes.to_vec();
    let sender = std::thread::spawn(move || {
        for byte in bytes {
            if dripping.0.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(pause);
        }
    });
    wire.expect_abort(0, 0);
    let took = from.elapsed();
    wire.0.shutdown(std::net::Shutdown::Both).unwrap_or_default();
    sender.join().unwrap();
    took
}

#[test]
fn an_association_request_that_only_drips_in_is_cut_when_its_time_is_over() {
    let provider = hasty(600, 20_000);
    let mut wire = Wire::connect(provider.address);
    let took = drip(&mut wire, &Request::default().to_bytes(), Duration::from_millis(50));
    assert!(took > Duration::from_millis(550) && took < Duration::from_millis(1500), "{took:?}");
}

#[test]
fn a_caller_that_says_nothing_is_cut_when_its_time_is_over() {
    let provider = hasty(600, 20_000);
    let from = Instant::now();
    Wire::connect(provider.address).expect_abort(0, 0);
    assert!(from.elapsed() < Duration::from_millis(1500), "{:?}", from.elapsed());
}

#[test]
fn the_time_to_associate_is_not_the_time_an_association_may_take() {
    let provider = hasty(300, 20_000);
    let mut wire = Wire::associate(provider.address);
    std::thread::sleep(Duration::from_millis(700));
    wire.send(&echo(1));
    assert_eq!(wire.answer(), echoed(1));
}

#[test]
fn an_idle_association_is_aborted_and_one_with_a_message_now_and_then_is_not() {
    let provider = hasty(600, 800);
    let mut idle = Wire::associate(provider.address);
    let mut used = Wire::associate(provider.address);
    for id in 1..6 {
        std::thread::sleep(Duration::from_millis(400));
        used.send(&echo(id));
        assert_eq!(used.answer(), echoed(id));
    }
    idle.expect_abort(0, 0);
    used.release();
}

#[test]
fn an_instance_whose_sender_falls_silent_is_given_up() {
    let provider = hasty(600, 600);
    let mut wire = Wire::associate(provider.address);
    wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.2")));
    wire.send(&fragment(1, DATA, &[1; 5000]));
    wire.expect_abort(0, 0);
    provider.wait_for_no_sessions();
    assert_eq!(provider.memory.kept(), []);
}

#[test]
fn an_instance_that_only_drips_in_does_not_hold_its_association_for_ever() {
    let provider = hasty(600, 800);
    let mut wire = Wire::associate(provider.address);
    let took = drip(&mut wire, &store(1, "1.2", &[1; 3000]), Duration::from_millis(20));
    assert!(took < Duration::from_millis(2500), "{took:?}");
    assert_eq!(provider.memory.kept(), []);
}

#[test]
fn a_slow_instance_that_does_go_on_takes_the_time_it_needs() {
    let provider = hasty(600, 600);
    let mut wire = Wire::associate(provider.address);
    wire.send(&fragment(1, COMMAND | LAST, &command(C_STORE, 1, true, "1.2")));
    for _ in 0..6 {
        std::thread::sleep(Duration::from_millis(300));
        wire.send(&fragment(1, DATA, &[1; 5000]));
    }
    wire.send(&fragment(1, LAST, b""));
    assert_eq!(wire.answer(), stored(1));
}

#[test]
fn a_peer_that_never_reads_its_answers_is_let_go() {
    let provider = hasty(600, 600);
    let mut wire = Wire::associate(provider.address);
    wire.0.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
    let echoes: Vec<u8> = (0..500).flat_map(echo).collect();
    let from = Instant::now();
    while wire.0.write_all(&echoes).is_ok() {
        assert!(from.elapsed() < Duration::from_secs(20), "it is still being served");
    }
    provider.wait_for_no_sessions();
}
