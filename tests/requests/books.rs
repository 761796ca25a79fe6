//! What must hold of any desk that was left alone: its ledger, its audit and what it keeps.

use crate::common::Site;
use serde_json::{Value, json};

/// Nothing is amiss; the ledger's report.
pub fn assert_clean(site: &Site) -> Value {
    let ledger = site.json(&["ledger", "verify", "--json"]);
    assert_eq!(ledger["problem"], json!(null), "{ledger}");
    let audit = site.json(&["audit", "verify", "--json"]);
    assert_eq!(audit["misfit"], json!(null), "{audit}");
    assert!(audit["events"].as_u64().unwrap() > 10, "{audit}");
    site.assert_sound();
    ledger
}
