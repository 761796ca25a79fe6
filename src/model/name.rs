//! How a person's name is searched for.

/// A name, or what was typed to find one, in the form both are compared in: lower case, the parts
/// between `^`, commas and spaces joined by single spaces. Diacritics stay: `MÜLLER` is not `Muller`.
/// Of a name with several groups (`Yamada^Tarou=山田^太郎`) only the first; see [`groups`].
#[must_use]
pub fn folded(name: &str) -> String {
    let group = name.split('=').map(fold_group).find(|group| !group.is_empty());
    group.unwrap_or_default()
}

/// The groups of a name (alphabetic, ideographic, phonetic), each folded; empty ones left out.
#[must_use]
pub fn groups(name: &str) -> Vec<String> {
    let mut groups: Vec<String> = name.split('=').map(fold_group).filter(|group| !group.is_empty()).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The first text that sorts, byte by byte, after every text that begins with `prefix`: no name holds
/// the last character of Unicode.
#[must_use]
pub fn after_prefix(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

fn fold_group(group: &str) -> String {
    let lower = group.to_lowercase();
    let between = |c: char| c == '^' || c == ',' || c.is_whitespace() || c.is_control();
    let mut folded = String::with_capacity(lower.len());
    for part in lower.split(between).filter(|part| !part.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(part);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_to_what_a_person_types() {
        for (name, expected) in [
            ("Doe^John", "doe john"),
            ("DOE ^JOHN^^Dr. ", "doe john dr."),
            ("doe, john", "doe john"),
            ("Müller^Jürgen", "müller jürgen"),
            ("ИВАНОВ^Иван", "иванов иван"),
            ("محمد^علي", "محمد علي"),
            ("Yamada^Tarou=山田^太郎=やまだ^たろう", "yamada tarou"),
            ("=山田^太郎", "山田 太郎"),
            (" ^^ ", ""),
            ("", ""),
        ] {
            assert_eq!(folded(name), expected, "{name}");
        }
    }

    #[test]
    fn each_group_of_a_name_is_found_on_its_own() {
        assert_eq!(
            groups("Yamada^Tarou=山田^太郎=やまだ^たろう"),
            ["yamada tarou", "やまだ たろう", "山田 太郎"]
        );
        assert_eq!(groups("Doe^John=Doe^John"), ["doe john"]);
        assert!(groups("==").is_empty());
    }

    #[test]
    fn every_name_with_a_prefix_sorts_before_its_end() {
        for name in ["山", "山田", "山\u{10fffe}"] {
            assert!("山" <= name && name < after_prefix("山").as_str());
        }
    }
}
