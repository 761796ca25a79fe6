//! Postal addresses.

use serde::{Deserialize, Serialize};

/// An address in the United States.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Street and number, and what else stands above the city; one to three lines.
    pub lines: Vec<String>,
    /// City.
    pub city: String,
    /// The state's two letters.
    pub state: String,
    /// ZIP code: five digits, or nine with a hyphen.
    pub zip: String,
}
