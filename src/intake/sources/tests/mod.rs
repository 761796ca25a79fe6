//! What is found behind paths: over trees and archives made for it, and over the real files.

mod corpus;
mod fileset;
mod folder;
mod zip;

use super::*;
use std::collections::BTreeSet;
use std::fs;

enum Outcome {
    Found { bytes: Vec<u8>, size: Option<u64>, from_file_set: bool, error: Option<String> },
    Refused(SourceRefusal),
    Ignored(Ignored),
}

/// A visitor that reads everything and keeps it.
#[derive(Default)]
struct Record {
    expected: u64,
    expected_bytes: u64,
    events: Vec<(Name, Outcome)>,
}

impl Visitor for Record {
    fn expect(&mut self, files: u64, bytes: u64) {
        self.expected += files;
        self.expected_bytes += bytes;
    }

    fn found(&mut self, candidate: Candidate<'_>) {
        let Candidate { name, size, from_file_set, input } = candidate;
        let mut bytes = Vec::new();
        let error = input.read_to_end(&mut bytes).err().map(|error| error.to_string());
        self.events.push((name, Outcome::Found { bytes, size, from_file_set, error }));
    }

    fn refused(&mut self, name: &Name, refusal: SourceRefusal) {
        self.events.push((name.clone(), Outcome::Refused(refusal)));
    }

    fn ignored(&mut self, name: &Name, why: Ignored) {
        self.events.push((name.clone(), Outcome::Ignored(why)));
    }
}

impl Record {
    /// Visits, and checks what holds of every visit: each name once, and as many as were announced.
    fn of(paths: &[&Path], limits: &Limits) -> Self {
        let mut record = Self::default();
        let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
        visit(&paths, limits, &mut record);
        assert_eq!(record.expected, record.events.len() as u64, "{:#?}", record.lines(Path::new("")));
        record
    }

    fn has_each_name_once(&self) -> bool {
        let names: BTreeSet<_> = self.events.iter().map(|(name, _)| name).collect();
        names.len() == self.events.len()
    }

    /// A line for each event, paths under `base` without it.
    fn lines(&self, base: &Path) -> Vec<String> {
        let base = format!("{}/", base.display());
        let line = |(name, outcome): &(Name, Outcome)| {
            let name = name.to_string();
            let name = name.strip_prefix(&base).unwrap_or(&name).to_owned();
            match outcome {
                Outcome::Found { bytes, error: None, .. } if bytes.len() < 20 => {
                    format!("{name}: found {:?}", String::from_utf8_lossy(bytes))
                }
                Outcome::Found { bytes, error: None, .. } => format!("{name}: found {} bytes", bytes.len()),
                Outcome::Found { error: Some(error), .. } => format!("{name}: broke: {error}"),
                Outcome::Refused(refusal) => format!("{name}: refused: {refusal}"),
                Outcome::Ignored(why) => format!("{name}: ignored: {why}"),
            }
        };
        self.events.iter().map(line).collect()
    }

    /// The lines, each cut where its reason becomes advice.
    fn short(&self, base: &Path) -> Vec<String> {
        let cut = |line: String| line.split([';', ',']).next().map(str::to_owned).unwrap_or_default();
        self.lines(base).into_iter().map(cut).collect()
    }

    fn count(&self, wanted: fn(&Outcome) -> bool) -> usize {
        self.events.iter().filter(|(_, outcome)| wanted(outcome)).count()
    }
}

fn is_sound(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Found { error: None, .. })
}

/// Writes files, making folders for them.
fn plant(base: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = base.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
