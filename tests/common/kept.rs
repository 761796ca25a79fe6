//! What a library keeps, read back from its archives: not what the index says of it, but the bytes.

use super::Site;
use filmroom::app::{Library, block_on};
use filmroom::config::Config;
use filmroom::intake::kept::OpenArchive;
use filmroom::model::{InstanceRow, Place, StudyFilter};
use filmroom::store::{archives, studies};
use imaging::archive::digest;
use imaging::files::FileReader;
use imaging::index::Limits;
use std::path::Path;
use std::time::Duration;

/// One arrival of an instance, and what its bytes are.
pub struct Kept {
    pub study_instance_uid: String,
    pub row: InstanceRow,
    /// SHA-256 of the file it is given back as.
    pub sha256: String,
    /// SHA-256 of the data set in it.
    pub data_set_sha256: String,
}

/// Reads back every instance in an archive. The service need not run, and may.
pub fn read_back(site: &Site) -> Vec<Kept> {
    let keep = format!("data = {:?}", site.data());
    let config = Config::parse(&keep, "test", std::iter::empty()).unwrap();
    block_on(async {
        let library = Library::open(config).await.unwrap();
        let everything = StudyFilter { limit: 1_000_000, ..StudyFilter::default() };
        let mut kept = Vec::new();
        for study in studies::list(&library.db, &everything).await.unwrap() {
            let rows = studies::instances_of(&library.db, &study.id).await.unwrap();
            for archive in archives::kept_of(&library.db, &study.id).await.unwrap() {
                let mut open = OpenArchive::open(&*library.blobs, &library.keys, &archive).unwrap();
                let inside = rows.iter().filter(
                    |row| matches!(&row.place, Place::Archive { archive: own, .. } if *own == archive.id),
                );
                for row in inside {
                    let mut bytes = open.range(row, 0..row.size_bytes).unwrap();
                    let digests = digest(&mut bytes, row.header_bytes).unwrap();
                    assert_eq!(digests.bytes, row.size_bytes, "{}", row.id);
                    kept.push(Kept {
                        study_instance_uid: study.study_instance_uid.clone(),
                        row: row.clone(),
                        sha256: hex(&digests.sha256),
                        data_set_sha256: hex(&digests.dataset_sha256.unwrap_or_default()),
                    });
                }
            }
        }
        library.close().await;
        kept
    })
    .unwrap()
}

/// Waits until all that was acknowledged is in archives.
pub fn settled(site: &Site) {
    super::until("everything is settled", Duration::from_secs(300), || {
        let report = site.assert_sound();
        let settled = report["awaiting_index"] == 0 && report["spooled_instances"] == 0;
        // To look costs as much as the work that is waited for.
        std::thread::sleep(Duration::from_millis(if settled { 0 } else { 300 }));
        settled
    });
}

/// SHA-256 in hexadecimal.
pub fn sha256(mut bytes: &[u8]) -> String {
    hex(&digest(&mut bytes, 0).unwrap().sha256)
}

/// SHA-256 of a file.
pub fn sha256_of(path: &Path) -> String {
    sha256(&std::fs::read(path).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of the data set of every DICOM file below a folder.
pub fn data_sets_below(folder: &Path) -> Vec<String> {
    let digest = |path: &Path| {
        let file = std::fs::read(path).unwrap();
        let header = FileReader::open(file.as_slice(), Limits::default()).unwrap().info().header_bytes;
        sha256(&file[usize::try_from(header).unwrap()..])
    };
    super::files(folder).keys().map(|path| digest(path)).collect()
}
