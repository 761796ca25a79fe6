//! `filmroom station` against the service's station routes, over real sockets, with a folder that plays the drive.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
mod desk;

use burn_queue::DiscState;
use desk::Desk;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

#[test]
fn discs_are_burned_bit_for_bit_over_a_line_that_breaks() {
    let desk = Desk::open(3, 4 << 20);
    desk.line.break_every(1 << 20);
    let ran = desk.station(&["--once"]).run();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let discs = desk.discs();
    assert_eq!(discs.len(), 3);
    for disc in &discs {
        assert!(matches!(disc.state, DiscState::Verified(_)), "{disc:?}");
        assert!(fs::read(desk.burned(disc.code)).unwrap() == desk.bytes(disc.place.number()));
        assert!(ran.out.contains(&format!("{} ({}) is burned and verified", disc.code, disc.place)));
    }
    assert!(desk.line.answers() >= 12, "the line never broke");
    assert!(!ran.out.contains(&desk.token) && !ran.err.contains(&desk.token));
    assert_eq!(fs::read_dir(desk.folder().join("data/station")).unwrap().count(), 1, "only its lock is left");
}

#[test]
fn a_station_that_is_killed_while_burning_reads_that_disc_back_before_it_burns_another() {
    let desk = Desk::open(1, 4 << 20);
    desk.line.slow();
    let mut station = desk.station(&[]).spawn();
    common::until("half of it is burned", Duration::from_secs(60), || {
        desk.files().iter().any(|(_, bytes)| *bytes > 1 << 20)
    });
    station.kill().unwrap();
    station.wait().unwrap();
    let [first] = desk.discs().try_into().unwrap();
    assert!(matches!(first.state, DiscState::Burning(_)), "{first:?}");

    desk.line.fast();
    let ran = desk.station(&["--once"]).run();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let spoiled = ran.out.find(&format!("{} is spoiled", first.code)).unwrap();
    let [first, second] = desk.discs().try_into().unwrap();
    assert!(matches!(first.state, DiscState::Spoiled { .. }), "{first:?}");
    assert!(matches!(second.state, DiscState::Verified(_)), "{second:?}");
    assert!(ran.out.find(&second.code.to_string()).unwrap() > spoiled);
    assert!(fs::read(desk.burned(second.code)).unwrap() == desk.bytes(1));
}

#[test]
fn a_station_that_is_killed_again_and_again_burns_every_disc_once() {
    let desk = Desk::open(4, 1 << 20);
    desk.line.slow();
    for kill in 0..12 {
        let mut station = desk.station(&[]).spawn();
        std::thread::sleep(Duration::from_millis(120 + 97 * kill % 400));
        station.kill().unwrap();
        station.wait().unwrap();
    }
    desk.line.fast();
    let ran = desk.station(&["--once"]).run();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let discs = desk.discs();
    let good: Vec<_> = discs.iter().filter(|disc| matches!(disc.state, DiscState::Verified(_))).collect();
    let places: BTreeSet<u32> = good.iter().map(|disc| disc.place.number()).collect();
    assert_eq!((good.len(), places.len()), (4, 4), "{discs:?}");
    let spoiled = discs.iter().filter(|disc| matches!(disc.state, DiscState::Spoiled { .. })).count();
    assert_eq!(good.len() + spoiled, discs.len(), "nothing is left half way");
    for disc in good {
        assert!(fs::read(desk.burned(disc.code)).unwrap() == desk.bytes(disc.place.number()));
    }
    assert!(desk.files().len() <= discs.len(), "every file is a disc that is known");
}

#[test]
fn a_burn_goes_on_when_the_service_comes_back() {
    let mut desk = Desk::open(1, 4 << 20);
    desk.line.slow();
    let mut station = desk.station(&["--once"]).spawn();
    common::until("some of it is burned", Duration::from_secs(60), || {
        desk.files().iter().any(|(_, bytes)| *bytes > 512 << 10)
    });
    desk.go_away();
    std::thread::sleep(Duration::from_millis(1_500));
    desk.come_back();
    desk.line.fast();
    let ended = common::wait(&mut station, Duration::from_secs(60)).unwrap();
    assert!(ended.success());
    let [disc] = desk.discs().try_into().unwrap();
    assert!(matches!(disc.state, DiscState::Verified(_)), "{disc:?}");
    assert!(fs::read(desk.burned(disc.code)).unwrap() == desk.bytes(1));
}

#[test]
fn a_disc_that_is_not_what_was_sent_is_spoiled_and_burned_anew() {
    let desk = Desk::open(1, 1 << 20);
    desk.line.damage_first();
    let ran = desk.station(&["--once"]).run();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("not the image that was ordered"), "{}", ran.out);
    let [first, second] = desk.discs().try_into().unwrap();
    assert!(matches!(first.state, DiscState::Spoiled { .. }));
    assert!(matches!(second.state, DiscState::Verified(_)));
}

#[test]
fn without_the_right_token_nothing_is_given_out() {
    let desk = Desk::open(1, 1 << 20);
    fs::write(desk.folder().join("token"), "wrong").unwrap();
    let ran = desk.station(&["--once"]).run();
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("401"), "{}", ran.err);
    assert!(matches!(desk.discs()[0].state, DiscState::Queued { attempts: 0 }));
    assert!(desk.files().is_empty());
}

#[test]
fn two_stations_do_not_share_a_memory() {
    let desk = Desk::open(1, 4 << 20);
    desk.line.slow();
    let mut first = desk.station(&[]).spawn();
    common::until("it burns", Duration::from_secs(60), || !desk.files().is_empty());
    let second = desk.station(&["--once"]).run();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains("its own --data"), "{}", second.err);
}
