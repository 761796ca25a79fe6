//! Custody of the master keys: one small file, never in a backup.
//!
//! One key a line, `current` or `retired`, its id, its 32 bytes in hex. The first start of an empty
//! library makes the file; a library that already keeps anything is never given a new key silently,
//! because everything sealed before would look lost.

use crate::hex::{hex, unhex};
use imaging::chance::Chance;
use imaging::seal::{MasterKey, MasterKeyId, MasterKeys};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const HEAD: &str = "# Filmroom master keys. Whoever has this file can read every image; without it nobody can.\n\
                    # Keep it apart from the data and from every backup of the data.\n";

/// The master keys cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// There is no key file although something is sealed.
    #[error(
        "the master key file {0} is missing although images are kept: put it back, or recover it with \
         `filmroom keys recover --from FILE`"
    )]
    Missing(PathBuf),
    /// The file does not read as a key file.
    #[error("line {line} of the master key file {path} is not a key")]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The file names no current key.
    #[error("the master key file {0} has no current key")]
    NoCurrent(PathBuf),
    /// There is a file already where one was to be written.
    #[error("{0} exists already and is not overwritten")]
    Exists(PathBuf),
    /// Reading or writing failed.
    #[error("the master key file {path} cannot be {verb}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// Reads the keys at `path`.
///
/// # Errors
/// [`CustodyError::Missing`] if there is no file; otherwise if it cannot be read or is damaged.
pub fn read(path: &Path) -> Result<MasterKeys, CustodyError> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => CustodyError::Missing(path.to_owned()),
        _ => CustodyError::Io { path: path.to_owned(), verb: "read", source },
    })?);
    let (mut current, mut retired) = (None, Vec::new());
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let not_a_key = || CustodyError::NotAKey { path: path.to_owned(), line: index + 1 };
        match parse(line).ok_or_else(not_a_key)? {
            (true, key) if current.is_none() => current = Some(key),
            (false, key) => retired.push(key),
            (true, _) => return Err(not_a_key()),
        }
    }
    let current = current.ok_or_else(|| CustodyError::NoCurrent(path.to_owned()))?;
    Ok(MasterKeys::new(current, retired))
}

fn parse(line: &str) -> Option<(bool, MasterKey)> {
    let mut words = line.split_ascii_whitespace();
    let is_current = match words.next()? {
        "current" => true,
        "retired" => false,
        _ => return None,
    };
    let id = unhex::<8>(words.next()?)?;
    let secret = Zeroizing::new(unhex::<32>(words.next()?)?);
    words.next().is_none().then(|| (is_current, MasterKey::from_parts(MasterKeyId(id), *secret)))
}

/// Makes a fresh key at `path`, readable by its owner alone.
///
/// # Errors
/// [`CustodyError::Exists`] if there is a file, or if it cannot be written durably.
pub fn create(path: &Path, chance: &dyn Chance) -> Result<MasterKeys, CustodyError> {
    let keys = MasterKeys::new(MasterKey::fresh(chance), Vec::new());
    write_new(path, &keys)?;
    Ok(keys)
}

/// Writes the keys to a new file: for export, and for recovery. Where the file system has links the file is
/// there whole or not at all, whenever this ends and whoever reads it meanwhile.
///
/// # Errors
/// As [`create`].
pub fn write_new(path: &Path, keys: &MasterKeys) -> Result<(), CustodyError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".unfinished-{}", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    // One that a process of the same number left wrapped nothing.
    drop(std::fs::remove_file(&unfinished));
    let text = text_of(keys);
    let written = write_whole(&unfinished, &text).and_then(|()| name_it(&unfinished, path, &text));
    drop(std::fs::remove_file(&unfinished));
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => CustodyError::Exists(path.to_owned()),
        _ => CustodyError::Io { path: path.to_owned(), verb: "written", source },
    })?;
    let failed = |source| CustodyError::Io { path: path.to_owned(), verb: "made durable", source };
    sync_folder(path).map_err(failed)
}

/// A link, unlike a rename, never replaces what is there. A medium that keys are exported to may have none.
fn name_it(unfinished: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::hard_link(unfinished, path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => write_whole(path, text),
        linked => linked,
    }
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes a new current key; the one before is retired and still opens what it sealed.
///
/// # Errors
/// If the file cannot be read, or its successor not be put in its place durably.
pub fn rotate(path: &Path, chance: &dyn Chance) -> Result<MasterKeys, CustodyError> {
    let before = read(path)?;
    let mut retired = vec![before.current().clone()];
    retired.extend_from_slice(before.retired());
    let after = MasterKeys::new(MasterKey::fresh(chance), retired);
    let successor = path.with_extension("new");
    // One left by an interrupted rotation sealed nothing.
    drop(std::fs::remove_file(&successor));
    write_new(&successor, &after)?;
    let failed = |source| CustodyError::Io { path: path.to_owned(), verb: "replaced", source };
    std::fs::rename(&successor, path).and_then(|()| sync_folder(path)).map_err(failed)?;
    Ok(after)
}

/// Whether others than the owner may read the file.
#[must_use]
pub fn is_exposed(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

fn text_of(keys: &MasterKeys) -> Zeroizing<String> {
    let mut text = Zeroizing::new(HEAD.to_owned());
    let words = std::iter::once("current").chain(std::iter::repeat("retired"));
    for (word, key) in words.zip(std::iter::once(keys.current()).chain(keys.retired())) {
        let secret = Zeroizing::new(hex(key.secret()));
        text.push_str(&format!("{word} {} {}\n", key.id, secret.as_str()));
    }
    text
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::chance::SeededChance;
    use imaging::seal::DataKey;

    #[test]
    fn keys_survive_writing_rotation_and_recovery_and_are_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (path, safe) = (folder.path().join("master.key"), folder.path().join("safe"));
        let chance = SeededChance::new(1);
        assert!(matches!(read(&path), Err(CustodyError::Missing(_))));
        let first = create(&path, &chance).unwrap();
        let wrapped = first.wrap(b"it", &DataKey::fresh(&chance), &chance);
        assert!(matches!(create(&path, &chance), Err(CustodyError::Exists(_))));
        assert!(!is_exposed(&path));

        rotate(&path, &chance).unwrap();
        let now = read(&path).unwrap();
        assert_ne!(now.current().id, first.current().id);
        assert!(now.unwrap(b"it", &wrapped).is_ok());

        write_new(&safe, &now).unwrap();
        std::fs::remove_file(&path).unwrap();
        write_new(&path, &read(&safe).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap().current().id, now.current().id);
    }

    #[test]
    fn a_damaged_line_is_named_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        std::fs::write(&path, "# keys\ncurrent 00112233 secretsecret\n").unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(&error, CustodyError::NotAKey { line: 2, .. }));
        assert!(!error.to_string().contains("secret"));
    }
}
