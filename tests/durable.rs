//! Success is answered only for bytes the disk has confirmed, as the kernel sees it: a trace of system calls.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Site, made};
use std::collections::HashMap;
use std::fmt::Write as _;

const CLIENTS: usize = 4;
const INSTANCES: usize = 12;

/// A system call: between which lines of the trace it ran, and what it said.
#[derive(Debug)]
struct Call {
    thread: String,
    name: String,
    /// The file's path, or the socket.
    on: String,
    /// The bytes passed.
    bytes: Vec<u8>,
    began: usize,
    ended: usize,
    result: i64,
}

/// Reads a trace of `strace -f -y -xx`. A call that another thread interrupted stands on two lines.
fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: HashMap<(String, String), (usize, String)> = HashMap::new();
    let mut calls = Vec::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, said)) = line.split_once(' ') else { continue };
        let said = said.trim_start();
        if let Some((begin, _)) = said.split_once(" <unfinished ...>") {
            let name = begin.split('(').next().unwrap_or_default();
            unfinished.insert((thread.to_owned(), name.to_owned()), (number, begin.to_owned()));
        } else if let Some((name, rest)) =
            said.strip_prefix("<... ").and_then(|said| said.split_once(" resumed>"))
        {
            let key = (thread.to_owned(), name.to_owned());
            if let Some((began, begin)) = unfinished.remove(&key) {
                calls.extend(call(thread, &format!("{begin}{rest}"), began, number));
            }
        } else {
            calls.extend(call(thread, said, number, number));
        }
    }
    calls
}

fn call(thread: &str, said: &str, began: usize, ended: usize) -> Option<Call> {
    let (name, arguments) = said.split_once('(')?;
    // The result is aligned, so that there may be more than one space in front of it.
    let result = said.rsplit_once(" = ")?.1.split(' ').next()?.parse().ok()?;
    let on = arguments.split_once('<')?.1.split_once('>')?.0;
    let bytes = arguments.split('"').nth(1).map(unescaped).unwrap_or_default();
    let on = String::from_utf8_lossy(&unescaped(on)).into_owned();
    Some(Call { thread: thread.to_owned(), name: name.to_owned(), on, bytes, began, ended, result })
}

/// `\x41\x42` as `AB`; anything else as it stands.
fn unescaped(text: &str) -> Vec<u8> {
    if !text.contains("\\x") {
        return text.as_bytes().to_vec();
    }
    text.split("\\x").filter_map(|hex| u8::from_str_radix(hex, 16).ok()).collect()
}

/// Whether these bytes are a C-STORE-RSP with status 0000 (PS3.7 9.3.1.2, in Implicit VR Little Endian).
fn is_success(bytes: &[u8]) -> bool {
    let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
    let response = [0, 0, 0, 1, 2, 0, 0, 0, 0x01, 0x80];
    let success = [0, 0, 0, 9, 2, 0, 0, 0, 0, 0];
    bytes.first() == Some(&4) && has(&response) && has(&success)
}

/// Every success in the trace, and what is wrong with it: before it, its thread must have written to a
/// segment, and each such file must have been synced, by whichever thread, after the last write to it had
/// ended and before the answer began.
fn judge(calls: &[Call]) -> (usize, Vec<String>) {
    let is_segment = |call: &&Call| call.on.contains("/spool/") && call.on.contains("seg-");
    let (mut successes, mut faults) = (0, Vec::new());
    let mut answered: HashMap<&str, usize> = HashMap::new();
    let answers = calls.iter().filter(|call| ["sendto", "write"].contains(&call.name.as_str()));
    for answer in answers.filter(|call| is_success(&call.bytes)) {
        successes += 1;
        let since = answered.insert(&answer.thread, answer.began).unwrap_or(0);
        let mut written: HashMap<&str, usize> = HashMap::new();
        for write in calls.iter().filter(is_segment).filter(|call| call.name == "pwrite64") {
            if write.thread == answer.thread && write.began >= since && write.began < answer.began {
                let last = written.entry(&write.on).or_default();
                *last = (*last).max(write.ended);
            }
        }
        if written.is_empty() {
            faults.push(format!("line {}: success without a write", answer.began + 1));
        }
        for (file, last) in written {
            let synced = calls.iter().any(|call| {
                call.name == "fdatasync"
                    && call.on == file
                    && call.result == 0
                    && call.began > last
                    && call.ended < answer.began
            });
            if !synced {
                faults.push(format!(
                    "line {}: success, and {file} not synced since line {}",
                    answer.began + 1,
                    last + 1
                ));
            }
        }
    }
    (successes, faults)
}

#[test]
fn every_success_on_the_wire_follows_a_sync_of_what_was_written_for_it() {
    if !common::installed("strace") {
        return;
    }
    let site = Site::new();
    let trace = site.path("trace");
    let strace =
        ["strace", "-f", "-y", "-xx", "-s", "512", "-e", "trace=pwrite64,fdatasync,sendto,write", "-o"];
    let mut service = site.begin_to_serve(&[strace.as_slice(), &[trace.to_str().unwrap()]].concat());
    let to = service.dimse;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            std::thread::spawn(move || {
                let mut scu = made::associate(to).unwrap();
                for number in 0..INSTANCES {
                    // Some in one record, some in several, some across two segments.
                    let bytes = if number % 4 == 3 { 3 << 20 } else { 40_000 };
                    let made = made::instance(&format!("1.2.3.{client}"), number, bytes, 7);
                    assert_eq!(made::store(&mut scu, &made).unwrap(), 0);
                }
                scu.release().unwrap();
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    service.terminate();
    service.ended();
    let trace = String::from_utf8_lossy(&std::fs::read(&trace).unwrap()).into_owned();
    let calls = calls(&trace);
    let (successes, faults) = judge(&calls);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(successes, CLIENTS * INSTANCES, "every answer is seen in the trace");
    let count =
        |name: &str| calls.iter().filter(|call| call.name == name && call.on.contains("seg-")).count();
    common::say(&format!(
        "durable: {successes} successes, each after its sync; {} writes to segments, {} syncs",
        count("pwrite64"),
        count("fdatasync")
    ));
}

/// A trace as it is written: thread, call, file or socket.
fn made_up(lines: &[(&str, &str, &str)]) -> String {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "\\x{byte:02x}").unwrap();
            text
        })
    };
    let success = [4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0x01, 0x80, 0, 0, 0, 9, 2, 0, 0, 0, 0, 0];
    lines.iter().fold(String::new(), |mut text, (thread, call, file)| {
        let on = hex(format!("{file}-x/spool/0/seg-{file}").as_bytes());
        match *call {
            "write" => writeln!(text, "{thread} pwrite64(3<{on}>, \"\\x00\", 1, 0) = 1"),
            "sync" => writeln!(text, "{thread} fdatasync(3<{on}>) = 0"),
            "bad sync" => writeln!(text, "{thread} fdatasync(3<{on}>) = -1 EIO (Input/output error)"),
            "sync begins" => writeln!(text, "{thread} fdatasync(3<{on}> <unfinished ...>"),
            "sync ends" => writeln!(text, "{thread} <... fdatasync resumed>)         = 0"),
            _ => writeln!(
                text,
                "{thread} sendto(4<{}>, \"{}\", 26, 0, NULL, 0) = 26",
                hex(b"socket"),
                hex(&success)
            ),
        }
        .unwrap();
        text
    })
}

#[test]
fn the_judge_of_traces_can_fail() {
    let faults = |lines: &[(&str, &str, &str)]| {
        let (successes, faults) = judge(&calls(&made_up(lines)));
        assert!(successes > 0, "{lines:?}");
        faults.len()
    };
    let (write, sync, answer) = (("1", "write", "a"), ("1", "sync", "a"), ("1", "answer", ""));
    assert_eq!(faults(&[write, sync, answer]), 0);
    assert_eq!(faults(&[write, ("2", "sync", "a"), answer]), 0, "one thread syncs for all");
    assert_eq!(faults(&[write, ("2", "sync begins", "a"), ("2", "sync ends", "a"), answer]), 0);
    assert_eq!(faults(&[write, answer]), 1, "no sync");
    assert_eq!(faults(&[sync, write, answer]), 1, "the sync came too early");
    assert_eq!(faults(&[write, answer, sync]), 1, "the sync came too late");
    assert_eq!(faults(&[write, ("1", "sync", "b"), answer]), 1, "another file");
    assert_eq!(faults(&[write, ("1", "bad sync", "a"), answer]), 1, "the sync failed");
    assert_eq!(
        faults(&[("2", "sync begins", "a"), write, ("2", "sync ends", "a"), answer]),
        1,
        "begun before"
    );
    assert_eq!(
        faults(&[write, ("2", "sync begins", "a"), answer, ("2", "sync ends", "a")]),
        1,
        "not yet ended"
    );
    assert_eq!(faults(&[write, ("1", "write", "b"), sync, answer]), 1, "one of two segments");
    assert_eq!(faults(&[write, sync, answer, answer]), 1, "a success for nothing");
    assert_eq!(faults(&[("2", "write", "a"), ("2", "sync", "a"), answer]), 1, "another's write");
}
