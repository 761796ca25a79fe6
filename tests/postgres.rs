//! The whole of it with its rows in PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::postgres::empty_schema;
use common::{Site, kept, send};
use imaging::samples;

#[test]
fn what_is_sent_is_kept_settled_and_sound_with_rows_in_postgresql() {
    let Some(url) = empty_schema("filmroom_outside") else { return };
    let site = Site::new().with("DATABASE__URL", &url);
    let service = site.serve();
    let study = samples::ct(5, 11);
    send::send(service.dimse, &study);
    service.kill();
    let service = site.serve();
    send::send(service.dimse, &samples::xray(11));
    kept::settled(&site);
    service.stop();
    let report = site.assert_sound();
    assert_eq!(report["archived_instances"], 6, "{report}");
    let listed = site.json(&["studies", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    assert!(!site.data().join("filmroom.db").exists(), "no other database is made");
}
