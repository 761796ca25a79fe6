//! Texts for people: errors with their causes, and texts from outside that do no harm on a terminal.

use std::error::Error;
use std::fmt::{self, Write};

/// An error with all its causes, in one line. A cause that the words before it quote is not repeated.
#[must_use]
pub fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

/// A text that can neither move the cursor, nor end the line, nor reorder what is around it.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.chars().map(harmless_char).collect()
}

/// Writes a text as [`harmless`] gives it.
///
/// # Errors
/// If it cannot be written.
pub fn write_harmless(text: &str, out: &mut impl Write) -> fmt::Result {
    text.chars().try_for_each(|c| out.write_char(harmless_char(c)))
}

fn harmless_char(c: char) -> char {
    if is_harmful(c) { char::REPLACEMENT_CHARACTER } else { c }
}

/// Whether a character moves the cursor, ends the line, reorders what is around it, or is not seen.
#[must_use]
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction
            | '\u{2028}' | '\u{2029}' // line and paragraph
            | '\u{200B}' | '\u{2060}' | '\u{FEFF}') // not seen at all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file cannot be read")]
    struct Outer(#[source] Quoting);

    #[derive(Debug, thiserror::Error)]
    #[error("reading failed: {0}")]
    struct Quoting(#[source] std::io::Error);

    #[test]
    fn causes_follow_and_none_is_said_twice() {
        let error = Outer(Quoting(std::io::Error::other("cable unplugged")));
        assert_eq!(in_words(&error), "the file cannot be read: reading failed: cable unplugged");
    }

    #[test]
    fn a_name_cannot_move_the_cursor_or_turn_the_line_round() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(harmless("محمد^علي"), "محمد^علي");
    }
}
