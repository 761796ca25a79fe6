//! The house rules as a test: where things may live and what may use what, read from the sources.
//!
//! Each rule is a function from sources to findings, tried below on made-up sources that break it, and
//! then on the real ones. What a rule is about need not exist yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// A text file of the project; its path is relative and has `/` between components.
struct Source {
    path: String,
    text: String,
}

/// Where a rule is broken, and the reason for the rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.why)
    }
}

const TEXT_FILES: [&str; 13] = [
    ".rs", ".md", ".toml", ".sql", ".html", ".ts", ".js", ".css", ".sh", ".ftl", ".json", ".txt", "justfile",
];
/// Bundles are made of what is read here, and of what is not ours.
const NOT_OURS: [&str; 5] = [".git", "target", "node_modules", "dist", "filmroom-data"];

/// All text files below a folder, in order.
fn read_sources(root: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if TEXT_FILES.iter().any(|end| name.ends_with(end)) {
                sources.push(Source { text: fs::read_to_string(entry.path())?, path });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

impl Source {
    fn finding(&self, line: usize, why: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, why: why.into() }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// `["web", "staff"]` for `src/web/staff/list.rs`: the folders and the file below `src/`.
    fn module(&self) -> Vec<&str> {
        let Some(path) = self.path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")) else {
            return Vec::new();
        };
        path.split('/').filter(|part| *part != "mod").collect()
    }

    /// The lines without comments and without tests, each with its number. Tests may build what the
    /// code is given, and compare with what it may not know.
    fn code(&self) -> Vec<(usize, &str)> {
        let only_tests = ["/tests/", "/contract/"].iter().any(|folder| self.path.contains(folder));
        if only_tests || self.path.ends_with("/tests.rs") {
            return Vec::new();
        }
        let tests = ["mod tests {", "mod contract {"];
        let lines = self.text.lines().enumerate();
        lines
            .take_while(|(_, line)| !tests.iter().any(|start| line.starts_with(start)))
            .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
            .collect()
    }

    /// The crate's own modules this file names, as paths from the crate's root.
    fn references(&self) -> Vec<(usize, Vec<String>)> {
        let code = self.code();
        let text: String = code.iter().flat_map(|(_, line)| [*line, "\n"]).collect();
        let up = "super::".repeat(self.module().len().max(1));
        let mut found = Vec::new();
        for root in ["crate::", "filmroom::", up.as_str()] {
            for (at, _) in text.match_indices(root) {
                if text[..at].ends_with(|c: char| is_name(c) || c == ':') {
                    continue;
                }
                let line = text[..at].matches('\n').count() + 1;
                let mut paths = Vec::new();
                use_tree(&text[at + root.len()..], &[], &mut paths);
                found.extend(paths.into_iter().map(|path| (line, path)));
            }
        }
        found
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Reads `a::{b, c::d}` into `a::b` and `a::c::d`, and gives what follows.
fn use_tree<'t>(text: &'t str, before: &[String], paths: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if rest.is_empty() || rest.starts_with('}') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
            let after = use_tree(rest, before, paths);
            // Something that is not a use tree: step over it rather than stand still.
            rest = if after.len() < rest.len() {
                after
            } else {
                &rest[rest.chars().next().map_or(0, char::len_utf8)..]
            };
        }
    }
    let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let mut path = before.to_vec();
    if !name.is_empty() {
        path.push(name.to_owned());
    }
    match rest.strip_prefix("::") {
        Some(rest) if !name.is_empty() => use_tree(rest, &path, paths),
        _ => {
            paths.push(path);
            rest
        }
    }
}

/// Lines of code that contain one of `words` as a whole word or path.
fn uses<'s>(source: &'s Source, words: &'s [&'s str]) -> impl Iterator<Item = (usize, &'s str)> {
    source.code().into_iter().flat_map(move |(number, line)| {
        words.iter().filter(move |word| has_word(line, word)).map(move |word| (number, *word))
    })
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_name) && !line[at + word.len()..].starts_with(is_name))
}

/// How high each part of the service stands; it may use what stands lower, and what has no place here.
const LAYERS: [(&str, u8); 10] = [
    ("web", 6),
    ("intake", 6),
    ("desk", 5),
    ("delivery", 4),
    ("money", 4),
    ("notify", 3),
    ("audit", 3),
    ("jobs", 3),
    ("store", 2),
    ("model", 1),
];
/// Above all layers.
const TOP: [&str; 3] = ["app", "cli", "main"];

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, height)| *height)
}

fn dependencies_point_down(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let module = source.module();
        let Some(own) = module.first().copied().filter(|own| !TOP.contains(own) && *own != "lib") else {
            continue;
        };
        // config, clock, ids and their like serve everyone and know at most the model.
        let height = layer(own).unwrap_or(2);
        for (line, path) in source.references() {
            let Some(used) = path.first().map(String::as_str).filter(|used| *used != own) else { continue };
            let too_high = layer(used).is_some_and(|used| used >= height) || TOP.contains(&used);
            if too_high {
                findings
                    .push(source.finding(line, format!("{own} may not use {used}: dependencies point down")));
            }
        }
    }
    findings
}

fn patient_and_staff_pages_never_meet(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (own, other) in [("patient", "staff"), ("staff", "patient")] {
        for source in sources.iter().filter(|source| source.module().starts_with(&["web", own])) {
            let meets = |path: &[String]| path.len() >= 2 && path[0] == "web" && path[1] == other;
            let references = source.references().into_iter().filter(|(_, path)| meets(path));
            findings.extend(references.map(|(line, _)| {
                source.finding(line, format!("{own} pages may not use {other} pages: their rights differ"))
            }));
        }
    }
    findings
}

/// Words that only some places may use.
struct Reserved {
    words: &'static [&'static str],
    /// The code the rule is about.
    within: &'static str,
    /// The parts of it that may.
    except: &'static [&'static str],
    why: &'static str,
}

const RESERVED: [Reserved; 4] = [
    Reserved {
        words: &["sqlx", "aws_sdk_s3", "aws_config"],
        within: "src/",
        except: &["src/store"],
        why: "only `store` knows the database and the object store",
    },
    Reserved {
        words: &["env::var", "env::vars", "env::var_os", "env::vars_os"],
        within: "",
        except: &["src/config", "tests/", "imaging/examples/"],
        why: "only `config` reads the environment",
    },
    Reserved {
        words: &["sqlx", "axum", "chrono", "SystemTime::now", "use filmroom"],
        within: "imaging/src/",
        except: &[],
        why: "`imaging` knows no SQL, no HTTP, no wall clock and not the service",
    },
    Reserved {
        words: &["HostDisk", "OsChance", "SystemClock"],
        within: "src/",
        except: &["src/app", "src/clock"],
        why: "only `app` builds adapters; take the trait as an argument",
    },
];

fn reserved_words_stay_in_their_place(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in &RESERVED {
        let concerned = sources.iter().filter(|source| {
            let excepted = rule.except.iter().any(|part| source.path.starts_with(part));
            source.is_rust() && source.path.starts_with(rule.within) && !excepted
        });
        for source in concerned {
            let found = uses(source, rule.words);
            findings.extend(found.map(|(line, word)| source.finding(line, format!("{word}: {}", rule.why))));
        }
    }
    findings
}

const MAX_LINES: usize = 600;

fn files_can_be_read_in_one_sitting(sources: &[Source]) -> Vec<Finding> {
    let code = [".rs", ".ts", ".sql", ".html"];
    let long = sources.iter().filter(|source| code.iter().any(|end| source.path.ends_with(end)));
    long.map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(source, lines)| {
            source.finding(
                lines,
                format!("{lines} lines: a file has at most {MAX_LINES}, so that it has one subject"),
            )
        })
        .collect()
}

/// Texts that may stand nowhere, and why. Put together here so that this file does not contain them.
fn banned() -> [(String, &'static str); 10] {
    let machine = "a path of one machine means nothing on another";
    let unfinished = "finish it, or file an issue: the code says what is, not what might be";
    [
        (["TO", "DO"].concat(), unfinished),
        (["FIX", "ME"].concat(), unfinished),
        (["todo", "!"].concat(), unfinished),
        (["#[al", "low("].concat(), "a lint is met or expected with a reason: `#[expect(…, reason)]`"),
        (["#![al", "low("].concat(), "a lint is met or expected with a reason: `#[expect(…, reason)]`"),
        (["/wo", "rk/"].concat(), machine),
        (["/ho", "me/"].concat(), machine),
        (["/ro", "ot/"].concat(), machine),
        (["/Us", "ers/"].concat(), machine),
        (["/tm", "p/"].concat(), machine),
    ]
}

fn nothing_banned_is_left_behind(sources: &[Source]) -> Vec<Finding> {
    let banned = banned();
    let mut findings = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            let found = banned.iter().filter(|(text, _)| contains(line, text));
            findings.extend(found.map(|(text, why)| source.finding(index + 1, format!("{text}: {why}"))));
        }
    }
    findings
}

/// Whether a line has a banned text. An address or a relative path may have a machine's folder within it.
fn contains(line: &str, text: &str) -> bool {
    let within = |c: char| is_name(c) || c == '.';
    line.match_indices(text).any(|(at, _)| !(text.starts_with('/') && line[..at].ends_with(within)))
}

fn decisions_are_numbered_without_gaps(sources: &[Source]) -> Vec<Finding> {
    let records = sources.iter().filter_map(|source| {
        let name = source.path.strip_prefix("docs/decisions/")?;
        (name != "README.md").then_some((source, name))
    });
    let mut findings = Vec::new();
    for (index, (source, name)) in records.enumerate() {
        let expected = format!("{:04}-", index + 1);
        if !name.starts_with(&expected) {
            findings.push(
                source.finding(1, format!("this should be decision {expected}…: numbers have no gaps")),
            );
        }
        for part in ["## Context", "## Decision", "## Consequences"] {
            if !source.text.lines().any(|line| line == part) {
                findings.push(source.finding(1, format!("a decision record has a part \"{part}\"")));
            }
        }
    }
    findings
}

/// Link targets of a Markdown page within the project, with their lines, as paths from its root.
fn links(source: &Source) -> Vec<(usize, String)> {
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut links = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for part in line.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                links.push((index + 1, joined(folder, target)));
            }
        }
    }
    links
}

fn joined(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn pages_are_reached_from_the_front_door(sources: &[Source]) -> Vec<Finding> {
    let pages: BTreeMap<&str, &Source> =
        sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let mut reached = BTreeSet::new();
    let mut next: Vec<String> = vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned()];
    while let Some(path) = next.pop() {
        if let Some(page) = pages.get(path.as_str()).filter(|page| page.path.ends_with(".md"))
            && reached.insert(path)
        {
            next.extend(links(page).into_iter().map(|(_, target)| target));
        }
    }
    let lost = sources.iter().filter(|source| {
        source.path.starts_with("docs/") && source.path.ends_with(".md") && !reached.contains(&source.path)
    });
    lost.map(|source| source.finding(1, "no link leads here from README.md or ARCHITECTURE.md")).collect()
}

#[cfg(test)]
mod rules_hold {
    use super::*;

    fn assert_holds(rule: fn(&[Source]) -> Vec<Finding>) {
        let sources = read_sources(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(sources.iter().any(|source| source.path == "imaging/src/lib.rs"), "the sources are found");
        let findings: Vec<String> = rule(&sources).iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    #[test]
    fn modules_use_only_what_is_below_them() {
        assert_holds(dependencies_point_down);
    }

    #[test]
    fn patient_pages_and_staff_pages_are_apart() {
        assert_holds(patient_and_staff_pages_never_meet);
    }

    #[test]
    fn databases_the_environment_clocks_and_adapters_have_one_place_each() {
        assert_holds(reserved_words_stay_in_their_place);
    }

    #[test]
    fn no_file_is_too_long() {
        assert_holds(files_can_be_read_in_one_sitting);
    }

    #[test]
    fn nothing_unfinished_silenced_or_local_is_committed() {
        assert_holds(nothing_banned_is_left_behind);
    }

    #[test]
    fn decision_records_are_complete_and_in_order() {
        assert_holds(decisions_are_numbered_without_gaps);
    }

    #[test]
    fn every_page_can_be_found() {
        assert_holds(pages_are_reached_from_the_front_door);
    }

    #[test]
    fn every_link_within_the_project_leads_somewhere() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for page in read_sources(root).unwrap().iter().filter(|source| source.path.ends_with(".md")) {
            for (line, target) in links(page) {
                assert!(root.join(&target).exists(), "{}:{line}: there is no {target}", page.path);
            }
        }
    }
}

#[cfg(test)]
mod rules_can_fail {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// The lines in which `rule` is broken by one file.
    fn broken(rule: fn(&[Source]) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        rule(&[source(path, text)]).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn looking_up_is_found_in_every_spelling() {
        let rule = dependencies_point_down;
        assert_eq!(broken(rule, "src/store/db.rs", "\nuse crate::desk::request;\n"), [2]);
        assert_eq!(
            broken(rule, "src/jobs/mod.rs", "use crate::{model::Job, notify::{self, outbox}};"),
            [1, 1]
        );
        assert_eq!(broken(rule, "src/jobs/worker.rs", "use crate::{\n    model::Job,\n    intake,\n};"), [1]);
        assert_eq!(broken(rule, "src/money/fee.rs", "fn f() { crate::delivery::promise() }"), [1]);
        assert_eq!(broken(rule, "src/model/study.rs", "use super::super::store::Db;"), [1]);
        assert_eq!(broken(rule, "src/clock.rs", "use crate::store::Db;"), [1]);
        assert_eq!(broken(rule, "src/web/mod.rs", "use crate::app::App;"), [1]);
        assert_eq!(broken(rule, "src/web/page.rs", "use crate::intake::import;"), [1]);
    }

    #[test]
    fn looking_down_or_aside_is_fine() {
        let rule = dependencies_point_down;
        for (path, text) in [
            ("src/web/mod.rs", "use crate::{desk::request, store::studies, clock::Clock};"),
            ("src/app/mod.rs", "use crate::web::routes;"),
            ("src/store/studies/mod.rs", "use super::db::Db; use crate::store::blob;"),
            ("src/store/db.rs", "// not crate::web\nmod tests {\n use crate::web::x;\n}"),
            ("src/main.rs", "filmroom::cli::run();"),
            ("imaging/src/spool/mod.rs", "use crate::jobs::x;"),
        ] {
            assert_eq!(broken(rule, path, text), [] as [usize; 0], "{path}");
        }
    }

    #[test]
    fn a_staff_page_in_a_patients_is_found() {
        let rule = patient_and_staff_pages_never_meet;
        assert_eq!(
            broken(rule, "src/web/patient/link.rs", "\n\nuse crate::web::{plumbing, staff::nav};"),
            [3]
        );
        assert_eq!(broken(rule, "src/web/staff.rs", "use crate::web::patient;"), [1]);
        assert!(broken(rule, "src/web/staff/list.rs", "use crate::web::plumbing;").is_empty());
    }

    #[test]
    fn words_out_of_their_place_are_found() {
        let rule = reserved_words_stay_in_their_place;
        assert_eq!(broken(rule, "src/web/mod.rs", "use sqlx::Row;"), [1]);
        assert_eq!(broken(rule, "src/intake/settle.rs", "let s3 = aws_sdk_s3::Client::new();"), [1]);
        assert_eq!(broken(rule, "src/app.rs", "std::env::var(\"X\")"), [1]);
        assert_eq!(broken(rule, "imaging/src/disk/mod.rs", "a\nSystemTime::now()"), [2]);
        assert_eq!(broken(rule, "imaging/src/dimse/scp.rs", "use axum::Router;"), [1]);
        assert_eq!(broken(rule, "src/jobs/mod.rs", "HostDisk::new(path)"), [1]);
        assert!(broken(rule, "src/store/db/mod.rs", "use sqlx::Row;").is_empty());
        assert!(broken(rule, "src/config.rs", "std::env::var(\"X\")").is_empty());
        assert!(broken(rule, "src/app/mod.rs", "HostDisk::new(path)").is_empty());
        assert!(broken(rule, "src/web/mod.rs", "// sqlx\nlet not_sqlx_2 = 1;").is_empty());
        assert!(broken(rule, "src/intake/tests.rs", "HostDisk::new(path)").is_empty());
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(broken(files_can_be_read_in_one_sitting, "src/a.rs", &"x\n".repeat(601)), [601]);
        assert!(broken(files_can_be_read_in_one_sitting, "src/a.rs", &"x\n".repeat(600)).is_empty());
    }

    #[test]
    fn each_banned_text_is_found() {
        for (text, _) in banned() {
            let line = format!("fine\n before {text} after");
            assert!(broken(nothing_banned_is_left_behind, "docs/a.md", &line).contains(&2), "{text}");
        }
        assert!(broken(nothing_banned_is_left_behind, "src/a.rs", "#[expect(x, reason = \"y\")]").is_empty());
        let elsewhere = ["https://example.org/ho", "me/ and ../../tm", "p/x.dcm"].concat();
        assert!(broken(nothing_banned_is_left_behind, "docs/a.md", &elsewhere).is_empty());
    }

    #[test]
    fn a_gap_or_a_missing_part_in_decisions_is_found() {
        let whole = "# 0001\n## Context\n## Decision\n## Consequences\n";
        let rule = decisions_are_numbered_without_gaps;
        assert!(broken(rule, "docs/decisions/0001-a.md", whole).is_empty());
        assert_eq!(broken(rule, "docs/decisions/0002-a.md", whole), [1]);
        assert_eq!(broken(rule, "docs/decisions/0001-a.md", "## Context\n## Decision\n"), [1]);
    }

    #[test]
    fn a_page_nobody_links_to_is_found() {
        let linked = source("docs/linked.md", "see [further](further.md#part)");
        let further = source("docs/further.md", "");
        let lost = source("docs/lost.md", "");
        let door =
            source("README.md", "[here](docs/linked.md) and [there](https://example.org/docs/lost.md)");
        let findings = pages_are_reached_from_the_front_door(&[door, further, linked, lost]);
        assert_eq!(
            findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(),
            ["docs/lost.md"]
        );
    }

    #[test]
    fn a_finding_says_where_and_why() {
        let found = dependencies_point_down(&[source("src/model/a.rs", "use crate::web::x;")]);
        let words = found.first().map(Finding::to_string);
        assert_eq!(
            words.as_deref(),
            Some("src/model/a.rs:1: model may not use web: dependencies point down")
        );
    }
}
