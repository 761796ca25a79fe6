//! What a form sends in an address stays in histories and logs of others: no name, no number of a patient's, no words.

use std::fs;
use std::path::Path;

/// Fields that may stand in an address: how a picture is looked at.
const HARMLESS: [&str; 3] = ["image", "brightness", "contrast"];

fn templates(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => templates(&path),
            false => vec![(path.display().to_string(), fs::read_to_string(&path).unwrap())],
        })
        .collect()
}

#[test]
fn no_form_puts_a_name_a_number_of_a_patients_or_words_into_an_address() {
    let templates = templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/templates"));
    assert!(templates.len() > 20);
    let mut seen = 0;
    for (file, text) in &templates {
        for form in text.split("<form").skip(1) {
            let (head, rest) = form.split_once('>').unwrap();
            if head.contains("method=\"post\"") || head.contains("method=\"dialog\"") {
                continue;
            }
            seen += 1;
            let fields = rest.split("</form>").next().unwrap();
            assert!(!fields.contains("{% include"), "{file}: what else does this form send?");
            for field in fields.split(" name=\"").skip(1) {
                let name = field.split('"').next().unwrap();
                assert!(HARMLESS.contains(&name), "{file}: {name} would stand in an address");
            }
        }
    }
    assert_eq!(seen, 1, "forms that send by address");
}
