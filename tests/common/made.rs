//! Small instances of any size, put together by hand: drawing a sample takes longer than keeping it.

use imaging::chance::{Chance as _, SeededChance};
use imaging::dimse::scu::{Scu, ScuError, Timeouts};
use std::net::SocketAddr;
use std::time::Duration;

/// Secondary Capture Image Storage.
pub const CLASS: &str = "1.2.840.10008.5.1.4.1.1.7";
/// Explicit VR Little Endian.
pub const SYNTAX: &str = "1.2.840.10008.1.2.1";

/// An instance as it is sent.
#[derive(Clone)]
pub struct Made {
    pub uid: String,
    pub data_set: Vec<u8>,
}

/// Instance `number` of a study, with so many bytes of pixels that nobody can deflate away.
pub fn instance(study: &str, number: usize, pixel_bytes: usize, seed: u64) -> Made {
    let uid = format!("{study}.1.{number}");
    let mut pixels = vec![0; pixel_bytes & !1];
    SeededChance::new(seed).fill(&mut pixels);
    let mut data_set = Vec::new();
    for (group, element, vr, value) in [
        (0x0008, 0x0016, b"UI", CLASS),
        (0x0008, 0x0018, b"UI", &uid),
        (0x0008, 0x0020, b"DA", "20250102"),
        (0x0008, 0x0060, b"CS", "OT"),
        (0x0010, 0x0010, b"PN", "Nobody^At All"),
        (0x0010, 0x0020, b"LO", study),
        (0x0020, 0x000D, b"UI", study),
        (0x0020, 0x000E, b"UI", &format!("{study}.1")),
        (0x0020, 0x0013, b"IS", &number.to_string()),
    ] {
        let mut value = value.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == b"UI" { 0 } else { b' ' });
        }
        put_tag(&mut data_set, group, element);
        data_set.extend(vr);
        data_set.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
        data_set.extend(value);
    }
    put_tag(&mut data_set, 0x7FE0, 0x0010);
    data_set.extend(b"OW\0\0");
    data_set.extend(u32::try_from(pixels.len()).unwrap().to_le_bytes());
    data_set.extend(pixels);
    Made { uid, data_set }
}

fn put_tag(data_set: &mut Vec<u8>, group: u16, element: u16) {
    data_set.extend(group.to_le_bytes());
    data_set.extend(element.to_le_bytes());
}

/// An association for such instances.
pub fn associate(to: SocketAddr) -> Result<Scu, ScuError> {
    let timeouts = Timeouts { connect: Duration::from_secs(5), ..Timeouts::default() };
    Scu::connect(to, "TEST", "FILMROOM", &[(CLASS, SYNTAX)], timeouts)
}

/// Sends one and gives the status.
pub fn store(scu: &mut Scu, made: &Made) -> Result<u16, ScuError> {
    scu.store(CLASS, &made.uid, SYNTAX, &made.data_set)
}
