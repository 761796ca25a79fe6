use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files of a kind below a folder.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The messages of a language with the arguments each mentions.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(&root().join("config/locales").join(language.tag()), ".ftl") {
        let mut current = None;
        for line in fs::read_to_string(file).unwrap().lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =")
                && !line.starts_with([' ', '*', '[', '}'])
            {
                assert!(messages.insert(name.to_owned(), BTreeSet::new()).is_none(), "{name} comes twice");
                current = Some(name.to_owned());
            }
            let arguments = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect::<String>()
            });
            if let Some(name) = &current {
                messages.get_mut(name).unwrap().extend(arguments);
            }
        }
    }
    messages
}

#[test]
fn every_language_has_the_same_messages_with_the_same_arguments() {
    let english = messages(Language::English);
    assert!(english.len() > 20);
    for language in Language::ALL {
        assert_eq!(messages(language), english, "{language}");
    }
}

#[test]
fn every_catalog_says_who_reviewed_it_and_when() {
    for language in Language::ALL {
        for file in files(&root().join("config/locales").join(language.tag()), ".ftl") {
            let text = fs::read_to_string(&file).unwrap();
            let first = text.lines().next().unwrap_or_default();
            assert!(
                first.starts_with("# Reviewed by ") && first.ends_with('.'),
                "{}: {first}",
                file.display()
            );
        }
    }
    assert!(Texts::of(Language::English).is_reviewed());
}

/// What stands before the name of a message. Where one of several is meant, it is what a `match` gives.
const CALLS: [&str; 7] =
    [".say(\"", ".with(\"", ".with_all(\"", ".with_all(\n            \"", "&format!(\"", "Some(\"", "=> \""];

#[test]
fn every_message_a_page_asks_for_is_there_and_none_is_left_over() {
    let mut asked = BTreeSet::new();
    let mut composed = Vec::new();
    // Whatever stands between quotation marks: a name may be chosen in one place and asked for in another.
    let mut quoted = BTreeSet::new();
    let pages = files(&root().join("config/templates"), ".html");
    for file in pages.into_iter().chain(files(&root().join("src"), ".rs")) {
        let text = fs::read_to_string(file).unwrap();
        quoted.extend(text.split('"').map(str::to_owned));
        for call in CALLS {
            for (at, _) in text.match_indices(call) {
                let name: String = text[at + call.len()..].chars().take_while(|c| *c != '"').collect();
                match name.split_once('{') {
                    Some((start, _)) if call.contains("format") => composed.push(start.to_owned()),
                    _ => drop(asked.insert(name)),
                }
            }
        }
    }
    let there = messages(Language::English);
    // A text in code is the name of a message if it begins as messages do.
    let first = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    let families: BTreeSet<String> = there.keys().map(|name| first(name)).collect();
    let missing: Vec<&String> = asked
        .iter()
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        .filter(|name| !there.contains_key(*name) && name.contains('-') && families.contains(&first(name)))
        .collect();
    assert!(missing.is_empty(), "asked for and not there: {missing:?}");
    composed.retain(|start| start.len() > 2 && start.ends_with('-'));
    let left_over: Vec<&String> = there
        .keys()
        .filter(|name| !quoted.contains(*name) && !composed.iter().any(|start| name.starts_with(start)))
        .collect();
    assert!(left_over.is_empty(), "there and never asked for: {left_over:?}");
}

#[test]
fn counts_follow_the_plural_rules_of_each_language() {
    let images = |language, count: u64| Texts::of(language).with("image-count", "count", count);
    assert_eq!(images(Language::English, 1), "1 image");
    assert_eq!(images(Language::English, 2), "2 images");
    assert_eq!(images(Language::Spanish, 1), "1 imagen");
    // Arabic tells one, two, three to ten, and eleven and more apart.
    let forms: BTreeSet<String> = [1, 2, 3, 11]
        .map(|count| images(Language::Arabic, count).chars().filter(|c| c.is_alphabetic()).collect())
        .into();
    assert_eq!(forms.len(), 4, "{forms:?}");
}

#[test]
fn dates_are_written_with_the_name_of_the_month_in_the_readers_order() {
    let date = Date::constant(2026, 12, 3);
    assert_eq!(Texts::of(Language::English).date(date), "December 3, 2026");
    assert_eq!(Texts::of(Language::Spanish).date(date), "3 de diciembre de 2026");
    assert_eq!(Texts::of(Language::English).day(date), "Thursday, December 3");
    // Kept whole within a sentence as one, it runs as its month does: from right to left.
    let arabic = Texts::of(Language::Arabic);
    assert_eq!(arabic.date(date), "3 ديسمبر 2026");
    let said = arabic.with("visits-share-until", "date", arabic.date(date));
    assert!(said.ends_with("\u{2068}3 ديسمبر 2026\u{2069}"), "{said:?}");
}

#[test]
fn a_number_within_arabic_is_kept_whole() {
    let said = Texts::of(Language::Arabic).with("error-reference", "reference", "3f9a-11");
    assert!(said.contains("\u{2068}3f9a-11\u{2069}"), "{said:?}");
    let said = Texts::of(Language::English).with("error-reference", "reference", "3f9a-11");
    assert!(said.contains("3f9a-11") && !said.contains('\u{2068}'), "{said:?}");
}
