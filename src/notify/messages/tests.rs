use super::*;
use crate::model::site::tests::phoenix;
use jiff::civil::date;

fn all(site: &Site, language: Language) -> [Mail; 4] {
    let office = Office { site, pages: "https://images.example.org" };
    let reference = &"FR-1234-5678".parse().unwrap();
    let (on, token, to) = (date(2026, 12, 3), "00aa11bb", "jane@example.org");
    [
        write(&LinkReady { reference, token, until: on }, office, to, language),
        write(&LinkShared { token, until: on }, office, to, language),
        write(&LinkUsed { reference, on }, office, to, language),
        write(&RequestMade { reference, on }, office, to, language),
    ]
}

#[test]
fn every_mail_in_every_language() {
    for language in Language::ALL {
        let shown: Vec<String> = all(&phoenix(), language)
            .iter()
            .map(|mail| format!("Subject: {}\n\n{}", mail.subject, mail.text))
            .collect();
        insta::assert_snapshot!(language.tag(), shown.join("\n=======================\n\n"));
    }
}

#[test]
fn the_address_stands_alone_on_its_line_and_no_subject_says_whose_images_they_are() {
    for language in Language::ALL {
        let [ready, shared, used, made] = all(&phoenix(), language);
        for mail in [&ready, &shared] {
            let address = mail.text.lines().find(|line| line.contains("https://")).unwrap();
            assert_eq!(address, "https://images.example.org/l/00aa11bb", "{language}");
        }
        for mail in [&ready, &shared, &used, &made] {
            assert!(!mail.subject.contains("FR-") && mail.subject.len() > 5, "{language}");
            assert!(!mail.subject.starts_with("mail-") && !mail.text.contains("mail-link"), "{language}");
        }
        assert!(!used.text.contains("https://") && !made.text.contains("https://"), "{language}");
    }
}
