use super::*;
use crate::layout::Layout;
use proptest::prelude::*;
use std::io::{Read, Write};
use std::process::Command;

fn volume() -> Volume {
    Volume::new("FILMROOM", Recorded::at(2026, 3, 15, 9, 30, 0).unwrap()).unwrap()
}

fn file(content: &[u8]) -> Layout {
    let mut file = Layout::new();
    file.literal(content);
    file
}

fn bytes(image: &Layout) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.range(0..image.len(), [[0_u8; 0]; 0]).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Files in folders of every depth, and one folder that takes several sectors.
fn many() -> Vec<(String, Vec<u8>)> {
    let mut many: Vec<(String, Vec<u8>)> = (0..200)
        .map(|number| (format!("DATA/B{number:07}.JS"), vec![u8::try_from(number).unwrap(); 3000]))
        .collect();
    many.push(("README.TXT".to_owned(), b"read me".to_vec()));
    many.push(("DICOMDIR".to_owned(), Vec::new()));
    many.push(("A/B/C/D/E/F/G/IM000001".to_owned(), vec![9; 2048]));
    many.push(("A/B2/X".to_owned(), vec![8; 2049]));
    many.push(("A2/B/Y_1.A".to_owned(), vec![7]));
    many
}

fn image_of(files: &[(String, Vec<u8>)]) -> Result<Layout, IsoError> {
    image(&volume(), files.iter().map(|(path, content)| (path.clone(), file(content))).collect())
}

/// Runs a tool that reads images; `None`, said aloud, where it is not installed.
fn run(tool: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => {
            let text =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            assert!(output.status.success(), "{tool}: {text:?}");
            Some(text.concat())
        }
        Err(error) => {
            let required = std::env::var_os("FILMROOM_TEST_REQUIRE").is_some_and(|required| required == "1");
            assert!(!required, "nothing may be skipped: {tool} cannot be run: {error}");
            std::io::stderr().write_all(format!("SKIPPED: {tool} is not installed\n").as_bytes()).unwrap();
            None
        }
    }
}

#[test]
fn other_peoples_tools_list_and_extract_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let iso = folder.path().join("image.iso");
    let written = bytes(&image_of(&many()).unwrap());
    std::fs::write(&iso, &written).unwrap();
    let iso = iso.to_str().unwrap();

    for tree in [["-f", "-i", iso].as_slice(), &["-f", "-J", "-i", iso]] {
        if let Some(listed) = run("isoinfo", tree) {
            for (path, _) in many() {
                let suffix = match (tree.len(), path.contains('.')) {
                    (3, true) => ";1",
                    (3, false) => ".;1",
                    _ => "",
                };
                assert!(listed.contains(&format!("/{path}{suffix}\n")), "{path} in {listed}");
            }
        }
    }
    let out = folder.path().join("out");
    if run("7z", &["x", "-bd", &format!("-o{}", out.display()), iso]).is_some() {
        for (path, content) in many() {
            assert!(std::fs::read(out.join(&path)).unwrap() == content, "{path}");
        }
    }
    let out = folder.path().join("out2");
    let extract = ["-indev", iso, "-osirrox", "on", "-extract", "/", out.to_str().unwrap()];
    if run("xorriso", &extract).is_some() {
        assert!(std::fs::read(out.join("A/B2/X")).unwrap() == [8; 2049]);
    }
}

#[test]
fn our_reader_finds_every_file_where_it_is() {
    let written = bytes(&image_of(&many()).unwrap());
    let found = files(&written.as_slice()).unwrap();
    assert_eq!(found.len(), many().len());
    for (path, content) in many() {
        let place = found[&path].clone();
        let place = usize::try_from(place.start).unwrap()..usize::try_from(place.end).unwrap();
        assert!(written[place] == content, "{path}");
    }
    assert_eq!(&written[16 * 2048 + 40..16 * 2048 + 72], format!("{:32}", "FILMROOM").as_bytes());
    assert_eq!(&written[16 * 2048 + 8..16 * 2048 + 40], [b' '; 32]);
}

#[test]
fn names_that_level_1_does_not_allow_are_refused() {
    for path in
        ["readme.txt", "NINECHARS", "A.HTML", "", "A//B", ".A", "A.", "A/B/C/D/E/F/G/H/I", "A B", "../A"]
    {
        assert_eq!(image_of(&[(path.to_owned(), vec![])]).unwrap_err(), IsoError::Name(path.to_owned()));
    }
    let twice = ["A", "A/B"].map(|path| (path.to_owned(), vec![]));
    assert_eq!(image_of(&twice).unwrap_err(), IsoError::Twice("A/B".to_owned()));
    let mut long = Layout::new();
    long.zeros(1 << 32);
    assert_eq!(image(&volume(), vec![("A".to_owned(), long)]).unwrap_err(), IsoError::TooLong);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_image_is_refused_or_read_but_nothing_worse(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)
    ) {
        let mut image = bytes(&image_of(&many()[195..]).unwrap());
        for (place, byte) in places {
            // Where the structures are.
            let place = 16 * 2048 + place.index(20 * 2048);
            image[place] = byte;
        }
        if let Ok(found) = files(&image.as_slice()) {
            prop_assert!(found.len() <= MANY);
        }
    }
}

/// More files than any damage to a few sectors could make up.
const MANY: usize = 10_000;
