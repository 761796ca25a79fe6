//! Part 10 files (PS3.10).

/// What wrote a file we made, or speaks on an association (PS3.7 D.3.3.2.1).
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.259473628134915873021478365127843650917";
/// The same for people.
pub const IMPLEMENTATION_VERSION_NAME: &str = "FILMROOM_0.1";
