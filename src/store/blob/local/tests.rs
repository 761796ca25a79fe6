use super::super::contract::{self, get, key, put, sample};
use super::*;
use imaging::archive::{ArchiveReader, ArchiveWriter};
use imaging::chance::SeededChance;
use imaging::disk::HostDisk;
use imaging::disk::sim::SimDisk;
use imaging::seal::DataKey;
use std::cell::Cell;

fn on(disk: &SimDisk) -> io::Result<LocalBlobs> {
    LocalBlobs::new(Arc::new(disk.clone()))
}

#[test]
fn the_contract_holds_on_a_real_disk_and_leaves_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let disk = HostDisk::new(dir.path()).unwrap();
    contract::holds_for(&LocalBlobs::new(Arc::new(disk.clone())).unwrap());
    contract::holds_for(&LocalBlobs::new(Arc::new(disk.clone())).unwrap());
    assert_eq!(disk.list(UNFINISHED).unwrap(), [""; 0]);
}

#[test]
fn the_contract_holds_on_a_simulated_disk() {
    contract::holds_for(&on(&SimDisk::new(1)).unwrap());
}

#[test]
fn where_a_blob_lies_never_changes_and_keys_of_one_hour_are_spread() {
    assert_eq!(path(&BlobKey::new("0190b6f2-7c1e").unwrap()), "blobs/16/33/0190b6f2-7c1e");
    let dirs: BTreeSet<String> = (0..4096).map(|number| dir(&key(number))).collect();
    assert!(dirs.len() > 2000, "{} directories for 4096 keys", dirs.len());
}

#[test]
fn a_study_archive_goes_in_and_comes_out() {
    let blobs = on(&SimDisk::new(1)).unwrap();
    let (data_key, file) = (DataKey::from_bytes([1; 32]), vec![7; 3 * WRITE_BYTES]);
    let sink = blobs.create(&key(1)).unwrap();
    let mut archive = ArchiveWriter::new(sink, &data_key, &SeededChance::new(1)).unwrap();
    let member = archive.add(&mut file.as_slice(), 0).unwrap();
    let finished = archive.finish().unwrap();
    assert_eq!(finished.sink.finish().unwrap(), finished.sealed_bytes);
    ArchiveReader::open(blobs.open(&key(1)).unwrap(), &data_key).unwrap().verify(&member).unwrap();
}

#[test]
fn files_that_are_no_blobs_are_not_listed() {
    let disk = SimDisk::new(1);
    let blobs = on(&disk).unwrap();
    put(&blobs, &key(1), b"one").unwrap();
    disk.create(&format!("{}/lost+found", dir(&key(1)))).unwrap();
    let mut listed = Vec::new();
    blobs.list(&mut |key, bytes| listed.push((key, bytes))).unwrap();
    assert_eq!(listed, [(key(1), 3)]);
}

#[test]
fn a_failed_sync_publishes_nothing_and_a_failed_write_cannot_be_finished() {
    let disk = SimDisk::new(1);
    let blobs = on(&disk).unwrap();
    disk.fail_syncs(true);
    assert!(matches!(put(&blobs, &key(1), b"one"), Err(BlobError::Io(_))));
    assert!(matches!(blobs.open(&key(1)).map(drop), Err(BlobError::NotFound)));
    disk.fail_syncs(false);

    let mut writer = blobs.create(&key(2)).unwrap();
    disk.fail_after(0);
    writer.write_all(&sample(WRITE_BYTES + 1, 2)).unwrap_err();
    disk.fail_after(1000);
    writer.write_all(b"more").unwrap_err();
    assert!(matches!(writer.finish(), Err(BlobError::Io(_))));
    assert!(matches!(blobs.open(&key(2)).map(drop), Err(BlobError::NotFound)));
    assert_eq!(disk.list(UNFINISHED).unwrap(), [""; 0]);
}

/// Runs `work` once for every place in it at which the power can fail, on several disks, and then
/// `check` on what is found after the restart, with what `work` had reported.
fn cut_power_everywhere<T>(
    work: impl Fn(&LocalBlobs) -> Result<T, BlobError>,
    check: impl Fn(&LocalBlobs, Result<T, BlobError>),
) {
    for seed in 0..6 {
        let mut operations = 0;
        loop {
            let disk = SimDisk::new(seed);
            disk.fail_after(operations);
            let worked = on(&disk).map_err(BlobError::Io).and_then(|blobs| work(&blobs));
            let went_through = worked.is_ok();
            disk.cut_power();
            let blobs = on(&disk).unwrap();
            check(&blobs, worked);
            for number in [1, 2] {
                blobs.delete(&key(number)).unwrap();
            }
            assert_eq!(disk.list(UNFINISHED).unwrap(), [""; 0]);
            if went_through {
                break;
            }
            operations += 1;
        }
        assert!(operations > 5, "the power failed in {operations} places only");
    }
}

#[test]
fn after_a_power_cut_a_blob_is_complete_or_absent_and_present_if_it_was_finished() {
    let bytes = sample(2 * WRITE_BYTES + 5000, 1);
    cut_power_everywhere(
        |blobs| put(blobs, &key(1), &bytes),
        |blobs, finished| {
            match get(blobs, &key(1)) {
                Ok(found) => assert!(found == bytes, "a partial blob"),
                Err(BlobError::NotFound) => assert!(finished.is_err(), "a finished blob was lost"),
                Err(error) => panic!("{error}"),
            }
            put(blobs, &key(2), b"after the restart").unwrap();
        },
    );
}

#[test]
fn a_finished_blob_outlives_every_later_power_cut() {
    let bytes = sample(5000, 1);
    let finished = Cell::new(false);
    cut_power_everywhere(
        |blobs| {
            put(blobs, &key(1), &bytes)?;
            finished.set(true);
            put(blobs, &key(2), b"another")?;
            blobs.delete(&key(2))
        },
        |blobs, worked| {
            if finished.take() {
                assert!(get(blobs, &key(1)).unwrap() == bytes);
            }
            if worked.is_ok() {
                assert!(matches!(get(blobs, &key(2)), Err(BlobError::NotFound)), "a deleted blob came back");
            }
        },
    );
}

#[test]
fn what_another_process_left_behind_is_not_in_the_way_and_goes_with_its_key() {
    let disk = SimDisk::new(1);
    on(&disk).unwrap();
    disk.create(&format!("{UNFINISHED}/{}.0", key(1))).unwrap();
    let blobs = on(&disk).unwrap();
    put(&blobs, &key(1), b"one").unwrap();
    blobs.delete(&key(2)).unwrap();
    assert_eq!(disk.list(UNFINISHED).unwrap().len(), 1);
    blobs.delete(&key(1)).unwrap();
    assert_eq!(disk.list(UNFINISHED).unwrap(), [""; 0]);
    assert!(matches!(blobs.open(&key(1)).map(drop), Err(BlobError::NotFound)));
}
