//! Sending with the crate's own user of DIMSE.

use super::kept::sha256;
use imaging::dimse::scu::{Scu, ScuError, Timeouts};
use imaging::files::{MetaHeader, meta_header};
use imaging::samples::SampleStudy;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// An association for what a sample study consists of.
pub fn associate(to: SocketAddr, study: &SampleStudy) -> Result<Scu, ScuError> {
    let first = &study.instances[0];
    let contexts = [(first.sop_class_uid, first.transfer_syntax_uid)];
    let timeouts = Timeouts { connect: Duration::from_secs(5), ..Timeouts::default() };
    Scu::connect(to, "TEST", "FILMROOM", &contexts, timeouts)
}

/// Sends one instance of a study.
pub fn store(scu: &mut Scu, study: &SampleStudy, index: usize, data_set: &[u8]) -> Result<u16, ScuError> {
    let instance = &study.instances[index];
    scu.store(instance.sop_class_uid, &instance.sop_instance_uid, instance.transfer_syntax_uid, data_set)
}

/// Sends a whole study, which must be taken.
pub fn send(to: SocketAddr, study: &SampleStudy) {
    let mut scu = associate(to, study).unwrap();
    for index in 0..study.instances.len() {
        let status = store(&mut scu, study, index, &study.dataset(index).unwrap()).unwrap();
        assert_eq!(status, 0, "instance {index}");
    }
    scu.release().unwrap();
}

/// Writes an instance of a study as a file.
pub fn write_file(path: &Path, study: &SampleStudy, index: usize) {
    let instance = &study.instances[index];
    let header = meta_header(&MetaHeader {
        sop_class_uid: instance.sop_class_uid,
        sop_instance_uid: &instance.sop_instance_uid,
        transfer_syntax_uid: instance.transfer_syntax_uid,
        source_ae_title: None,
    });
    std::fs::write(path, [header, study.dataset(index).unwrap()].concat()).unwrap();
}

/// SHA-256 of each data set of a study.
pub fn data_sets(study: &SampleStudy) -> BTreeSet<String> {
    (0..study.instances.len()).map(|index| sha256(&study.dataset(index).unwrap())).collect()
}
