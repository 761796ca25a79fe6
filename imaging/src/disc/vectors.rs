//! The test vectors of `docs/sealed-disc.md`, which the independent reader works through too.

use super::contents::{DiscContents, DiscFile};
use super::head::{GRAIN_BYTES, Head, code_key};
use super::segment::stream_key;
use super::{DiscObjects, Lock, SealedDisc};
use crate::archive::Method;
use crate::chance::Chance;
use crate::layout::Layout;
use crate::opening_code::OpeningCode;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const PAGE: &str = include_str!("../../../docs/sealed-disc.md");
const TYPED: [&str; 2] =
    ["Abacus zoom-outfit  Velcro crumb_sixtieth", "٠١٢٣٨ 45679 8901 2 23456 678 93 01239"];

/// 0, 1, 2 … 255, 0, 1 …
struct Counting(AtomicU8);

impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn vectors() -> Vec<(String, String)> {
    let chance = Counting(AtomicU8::new(0));
    let codes = TYPED.map(|typed| OpeningCode::parse(typed).unwrap());
    let mut content = Layout::new();
    content.literal(b"*/ is a star and a slash");
    let file = DiscFile {
        path: "A.TXT".to_owned(),
        method: Method::Stored,
        source_bytes: content.len(),
        sha256: Sha256::digest(b"*/ is a star and a slash").into(),
        content,
    };
    let contents = DiscContents {
        made_on: "2026-03-15".to_owned(),
        number: 1,
        of: 1,
        files: vec![file],
        others: Vec::new(),
        patients: vec![],
    };
    let lock = Lock::begin(codes.to_vec(), &chance).unwrap();
    let disc =
        SealedDisc::seal_in_segments(&contents, |_| String::new(), lock, &chance, GRAIN_BYTES).unwrap();
    let disc = Arc::new(disc);
    let kept = disc.kept().unwrap();
    let head = Head::from_bytes(&kept.head).unwrap();
    let digest = head.header.digest();

    let mut told = Vec::new();
    let mut tell = |name: &str, value: String| told.push((name.to_owned(), value));
    for (number, (typed, code)) in TYPED.iter().zip(&codes).enumerate() {
        tell(&format!("typed {number}"), (*typed).to_owned());
        tell(&format!("normal form {number}"), code.reveal().to_owned());
        let key = code_key(code, &head.header.salt, head.header.iterations);
        tell(&format!("code key {number}"), hex(key.bytes()));
        tell(&format!("slot {number}"), hex(&kept.head[112 + 60 * number..172 + 60 * number]));
    }
    tell("header", hex(&kept.head[..112]));
    tell("checksum", hex(&kept.head[232..]));
    tell("h", hex(&digest));
    tell("data key", hex(kept.data_key.bytes()));
    tell("index key", hex(stream_key(&digest, &kept.data_key, b"filmroom disc index").bytes()));
    tell("body key", hex(stream_key(&digest, &kept.data_key, b"filmroom disc body").bytes()));
    tell("index", String::from_utf8(kept.index).unwrap().trim_end().to_owned());
    tell("body", "*/ is a star and a slash".to_owned());
    for (path, file) in disc.part_files() {
        let mut parts = DiscObjects::new(Arc::clone(&disc), [[0_u8; 0]; 0]);
        let mut bytes = Vec::new();
        file.range(0..file.len(), &mut parts).unwrap().read_to_end(&mut bytes).unwrap();
        tell(&path.to_lowercase().replace('/', " "), hex(&Sha256::digest(&bytes)));
    }
    told
}

#[test]
fn the_page_of_the_format_tells_what_the_program_does() {
    let lines = vectors().into_iter().map(|(name, value)| format!("{name:<16} = {value}"));
    let untold: Vec<String> = lines.filter(|line| !PAGE.lines().any(|told| told == line)).collect();
    assert!(untold.is_empty(), "the page does not say\n{}", untold.join("\n"));
}
