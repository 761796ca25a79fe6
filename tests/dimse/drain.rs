//! Stopping while something is being sent.

use crate::common::{Site, kept, send};
use imaging::samples;
use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn a_stop_while_sending_keeps_what_was_acknowledged_and_lets_a_message_finish() {
    let site = Site::new().with("DIMSE__DRAIN_SECONDS", "3");
    let mut service = site.serve();
    let (study, to) = (samples::ct(400, 4), service.dimse);
    let (tell, told) = mpsc::channel();
    let sender = std::thread::spawn(move || {
        let mut scu = send::associate(to, &study).unwrap();
        let mut acknowledged = BTreeSet::new();
        for index in 0..study.instances.len() {
            let data_set = study.dataset(index).unwrap();
            let Ok(status) = send::store(&mut scu, &study, index, &data_set) else { return acknowledged };
            assert_eq!(status, 0);
            acknowledged.insert((study.instances[index].sop_instance_uid.clone(), kept::sha256(&data_set)));
            tell.send(()).unwrap_or_default();
        }
        acknowledged
    });
    (0..5).for_each(|_| told.recv_timeout(Duration::from_secs(60)).unwrap());
    service.terminate();
    let status = service.ended();
    assert!(status.success(), "{status}: {}", service.said());
    let acknowledged = sender.join().unwrap();
    assert!(acknowledged.len() >= 5 && acknowledged.len() < 400, "{}", acknowledged.len());

    // What a stop left in the spool is settled by the next start.
    let service = site.serve();
    kept::settled(&site);
    service.stop();
    let kept: BTreeSet<(String, String)> = kept::read_back(&site)
        .into_iter()
        .map(|kept| (kept.row.sop_instance_uid, kept.data_set_sha256))
        .collect();
    assert_eq!(acknowledged.difference(&kept).count(), 0, "acknowledged, and not kept");
    site.assert_sound();
}
