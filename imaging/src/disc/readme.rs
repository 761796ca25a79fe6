//! `README.TXT`: the disc in words, for whoever meets it. Nothing in it is about a person.

/// The text, lines ended as Windows ends them: of which disc of how many, if there are more. `questions` says whom to
/// call, a line each.
#[must_use]
pub fn readme((number, of): (u32, u32), questions: &[String]) -> String {
    let place = match of {
        0 | 1 => String::new(),
        of => format!("\nThis is disc {number} of {of}. Each opens by itself, with the same opening code.\n"),
    };
    let questions = match questions {
        [] => String::new(),
        lines => format!("\nQUESTIONS\n\n  {}\n", lines.join("\n  ")),
    };
    TEXT.replace("{questions}", &questions).replace("{place}", &place).replace('\n', "\r\n")
}

const TEXT: &str = "\
SEALED MEDICAL IMAGES

This disc holds medical images. They are encrypted (AES-256): without the
opening code nobody can see them, or whose they are. The opening code was
given to you separately: six words, or six groups of five digits.
{place}
TO SEE THE IMAGES

  1. Open INDEX.HTM in a current Chrome, Edge, Firefox or Safari.
  2. Type the opening code.

  Nothing needs to be installed, and no internet is needed. Nothing is sent
  anywhere. If the page says that it cannot load the disc, choose the disc's
  folder when it asks for it.

  The viewer is not meant for diagnosis.

FOR HOSPITALS AND PRACTICES

  Open INDEX.HTM, type the opening code, and choose \"Save all\". This writes
  the original DICOM files with a DICOMDIR, ready to be imported. The saved
  files are not encrypted any more: keep them accordingly. Every file is
  checked against its SHA-256 as it is saved.

GOOD TO KNOW

  Without the opening code the images cannot be opened, by us neither. Ask
  for it again where you got this disc.

  A finished disc cannot be changed. If you got these files on a memory stick
  or by other ways, someone may have changed the page: open only a copy that
  you made from the disc yourself.
{questions}
Format: Filmroom sealed disc, version 1
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_is_plain_text_that_fits_a_narrow_window() {
        let text = readme((2, 12), &["Film library, 555-0100".to_owned()]);
        assert!(text.contains("This is disc 2 of 12."));
        assert!(text.is_ascii() && text.split("\r\n").all(|line| line.len() <= 78 && !line.contains('\n')));
        assert!(text.contains("  Film library, 555-0100\r\n") && !readme((1, 1), &[]).contains("QUESTIONS"));
        assert!(!readme((1, 1), &[]).contains("This is disc"));
    }
}
