//! Pictures of real files of every kind, and of broken ones: each is drawn, or refused by name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::corpus;
use imaging::render::{Format, RenderError, View, draw};
use std::collections::BTreeMap;
use std::fs::File;

/// Why a file is not drawn, in a word.
fn word(error: &RenderError) -> String {
    match error {
        RenderError::Read(_) => "cut".into(),
        RenderError::Damaged(_) => "damaged".into(),
        RenderError::Encoding { transfer_syntax_uid } => transfer_syntax_uid.clone(),
        RenderError::Undecodable => "undecodable".into(),
        RenderError::Unsupported { tag } => format!("unsupported {tag}"),
        other => other.to_string(),
    }
}

#[test]
fn real_images_are_drawn_or_refused_by_name() {
    let Some(folder) = corpus::folder() else { return };
    let view = View { longest_edge: 256, format: Format::Png, ..View::default() };
    let (mut drawn, mut refused) = (0, BTreeMap::<String, Vec<String>>::new());
    for listed in corpus::listed(&folder) {
        match draw(File::open(folder.join(&listed.file)).unwrap(), &view) {
            Ok(picture) => {
                assert!(picture.bytes.starts_with(b"\x89PNG"), "{}", listed.file);
                drawn += 1;
            }
            Err(RenderError::NoImage) => {}
            // A file that is refused on arrival may be anything.
            Err(_) if listed.verdict != "keep" => {}
            Err(error) => refused.entry(word(&error)).or_default().push(listed.file),
        }
    }
    assert!(drawn > 0, "{refused:#?}");
    insta::assert_snapshot!("refused", format!("{drawn} drawn\n{refused:#?}"));
}
