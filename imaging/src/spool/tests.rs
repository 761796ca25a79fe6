use super::record::PAYLOAD_BYTES;
use super::*;
use crate::chance::SeededChance;
use crate::disk::sim::SimDisk;
use crate::disk::{Access, HostDisk};
use crate::seal::MasterKey;
use std::collections::BTreeMap;
use std::io::Read;

const SEGMENT_BYTES: u64 = 3 << 20;

fn settings() -> Settings {
    Settings { segment_bytes: SEGMENT_BYTES, prepared_segments: 0, ..Settings::default() }
}

fn keys() -> Arc<MasterKeys> {
    Arc::new(MasterKeys::new(MasterKey::fresh(&SeededChance::new(99)), vec![]))
}

fn open(disk: &SimDisk, seed: u64) -> Result<(Spool, Found), SpoolError> {
    Spool::open(Arc::new(disk.clone()), keys(), Arc::new(SeededChance::new(seed)), settings())
}

/// Bytes that can be told apart by id.
fn content(id: u8, bytes: usize) -> Vec<u8> {
    let chance = SeededChance::new(u64::from(id));
    let mut content = vec![0; bytes];
    chance.fill(&mut content);
    content
}

fn store(spool: &Spool, id: u8, bytes: usize) -> Result<Spooled, SpoolError> {
    let mut buffer = ChunkBuffer::new()?;
    let mut writer = spool.begin(&mut buffer, IngestId([id; 16]), &[id])?;
    writer.write(&content(id, bytes))?;
    writer.commit()
}

fn read(spool: &Spool, positions: &[Position]) -> Result<(Vec<u8>, Vec<u8>), SpoolError> {
    let (label, mut reader) = spool.read(positions)?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(io("read"))?;
    Ok((label, bytes))
}

const SIZES: [usize; 7] = [0, 1, 4000, PAYLOAD_BYTES - 5, PAYLOAD_BYTES - 4, 700_000, 2_500_000];

#[test]
fn every_instance_comes_back_after_a_restart_with_its_label_and_from_any_offset() {
    let disk = SimDisk::new(1);
    let (spool, _) = open(&disk, 1).unwrap();
    for (id, size) in (1..).zip(SIZES) {
        store(&spool, id, size).unwrap();
    }
    drop(spool);
    disk.cut_power();
    let (spool, found) = open(&disk, 2).unwrap();
    assert_eq!(found.instances.len(), SIZES.len());
    for (instance, (id, size)) in found.instances.iter().zip((1..).zip(SIZES)) {
        let whole = content(id, size);
        assert_eq!(read(&spool, &instance.positions).unwrap(), (vec![id], whole.clone()));
        let (_, mut reader) = spool.read(&instance.positions).unwrap();
        for offset in [0, 1, size / 2, size.saturating_sub(1), size, size + PAYLOAD_BYTES] {
            reader.seek(offset as u64).unwrap();
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, whole.get(offset..).unwrap_or_default());
        }
    }
}

#[test]
fn places_that_cannot_be_are_errors_or_ends_and_no_panic() {
    let (spool, _) = open(&SimDisk::new(1), 1).unwrap();
    assert!(matches!(spool.read(&[]), Err(SpoolError::Damaged { .. })));
    assert!(matches!(spool.read(&[Position(9, 0)]), Err(SpoolError::NoSegment { generation: 9 })));
    let spooled = store(&spool, 1, 5000).unwrap();
    let Position(generation, offset) = spooled.positions[0];
    assert!(spool.read(&[Position(generation, offset + 4096)]).is_err());
    assert!(spool.read(&[Position(generation, 1 << 40)]).is_err());
    let (_, mut reader) = spool.read(&spooled.positions).unwrap();
    reader.seek(u64::MAX).unwrap();
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
}

/// Runs the same small day on a disk that loses power at every operation in turn.
#[test]
fn whatever_was_acknowledged_survives_a_power_cut_at_every_step_and_nothing_comes_back_wrong() {
    let day = |spool: &Spool, acknowledged: &mut BTreeMap<u8, usize>| -> Result<(), SpoolError> {
        for (id, size) in (1..).zip(SIZES.into_iter().chain([900_000, 10])) {
            store(spool, id, size)?.hold.release();
            acknowledged.insert(id, size);
        }
        Ok(())
    };
    let rehearsal = SimDisk::new(0);
    day(&open(&rehearsal, 0).unwrap().0, &mut BTreeMap::new()).unwrap();
    for step in 0..rehearsal.operations() {
        for seed in 0..2 {
            let disk = SimDisk::new(step * 2 + seed);
            disk.fail_after(step);
            let mut acknowledged = BTreeMap::new();
            if let Ok((spool, _)) = open(&disk, seed) {
                assert!(day(&spool, &mut acknowledged).is_err(), "the power went");
            }
            disk.cut_power();
            let (spool, found) = open(&disk, seed + 100).unwrap();
            assert!(found.damaged_segments.is_empty(), "step {step}: {found:?}");
            for instance in &found.instances {
                let id = instance.id.0[0];
                match read(&spool, &instance.positions) {
                    Ok((_, bytes)) => {
                        assert_eq!(bytes, content(id, bytes.len()));
                        acknowledged.remove(&id);
                    }
                    Err(error) => assert!(!acknowledged.contains_key(&id), "step {step}: {error}"),
                }
            }
            assert!(acknowledged.is_empty(), "step {step}, seed {seed}: lost {acknowledged:?}");
            store(&spool, 200, 5000).unwrap();
        }
    }
}

#[test]
fn a_failed_sync_acknowledges_nothing_and_the_segment_takes_nothing_more() {
    let disk = SimDisk::new(5);
    let (spool, _) = open(&disk, 5).unwrap();
    let first = store(&spool, 1, 10_000).unwrap();
    disk.fail_syncs(true);
    assert!(matches!(store(&spool, 2, 10_000), Err(SpoolError::Poisoned { .. })));
    disk.fail_syncs(false);
    let third = store(&spool, 3, 10_000).unwrap();
    assert_ne!(first.positions[0].0, third.positions[0].0, "a fresh segment");
    assert_eq!(read(&spool, &first.positions).unwrap().1, content(1, 10_000));
}

#[test]
fn a_waiter_whose_leader_fails_is_not_told_it_is_durable() {
    let disk = SimDisk::new(6);
    let (spool, _) = open(&disk, 6).unwrap();
    store(&spool, 1, 10).unwrap();
    disk.fail_syncs(true);
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (2..10)
            .map(|id| {
                scope.spawn({
                    let spool = &spool;
                    move || store(spool, id, 100).is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes, [false; 8]);
}

#[test]
fn changed_bytes_lose_exactly_the_instances_they_belong_to() {
    let disk = SimDisk::new(7);
    let (spool, _) = open(&disk, 7).unwrap();
    let kept: Vec<_> = (1..=6).map(|id| store(&spool, id, 50_000).unwrap().positions).collect();
    let file = disk.open("seg-000000", Access::Cached).unwrap();
    for positions in [&kept[1], &kept[4]] {
        let mut byte = [0];
        file.read_at(&mut byte, positions[0].1 + 30_000).unwrap();
        file.write_at(&[byte[0] ^ 1], positions[0].1 + 30_000).unwrap();
    }
    let broken: Vec<bool> = kept.iter().map(|positions| read(&spool, positions).is_err()).collect();
    assert_eq!(broken, [false, true, false, false, true, false]);
}

#[test]
fn a_segment_is_recycled_only_when_nobody_holds_it_and_is_unreadable_then() {
    let disk = SimDisk::new(8);
    let (spool, _) = open(&disk, 8).unwrap();
    let first = store(&spool, 1, 2_900_000).unwrap();
    let second = store(&spool, 2, 2_000_000).unwrap();
    let generation = first.positions[0].0;
    assert!(spool.idle_generations().is_empty(), "the index does not know the first one yet");
    spool.recycle(&[generation]).unwrap();
    assert_eq!(read(&spool, &first.positions).unwrap().1, content(1, 2_900_000));

    let positions = first.positions.clone();
    first.hold.release();
    second.hold.release();
    assert_eq!(spool.idle_generations(), [generation], "the other is still appended to");
    spool.recycle(&[generation]).unwrap();
    assert!(matches!(read(&spool, &positions), Err(SpoolError::NoSegment { .. })));

    let third = store(&spool, 3, 2_000_000).unwrap();
    assert_eq!(disk.list("").unwrap().len(), 2, "the file is used again");
    assert!(third.positions.last().unwrap().0 > positions.last().unwrap().0);
    third.hold.release();
    drop(spool);
    let (spool, found) = open(&disk, 9).unwrap();
    let ids: Vec<u8> = found.instances.iter().map(|instance| instance.id.0[0]).collect();
    assert_eq!(ids, [2, 3], "what was recycled does not come back");
    assert!(store(&spool, 4, 10).unwrap().positions[0].0 > 3, "generations only grow");
}

#[test]
fn nothing_is_taken_in_when_the_disk_is_nearly_full() {
    let disk = SimDisk::new(10);
    let (spool, _) = open(&disk, 10).unwrap();
    disk.set_free_bytes(1 << 30);
    assert!(matches!(store(&spool, 1, 10), Err(SpoolError::DiskFull { .. })));
}

#[test]
fn a_damaged_header_block_is_reported_and_its_file_left_alone() {
    let disk = SimDisk::new(11);
    let (spool, _) = open(&disk, 11).unwrap();
    store(&spool, 1, 10).unwrap();
    drop(spool);
    disk.open("seg-000000", Access::Cached).unwrap().write_at(b"oops", 20).unwrap();
    let (spool, found) = open(&disk, 12).unwrap();
    assert_eq!(found.damaged_segments, ["seg-000000"]);
    store(&spool, 2, 10).unwrap();
    assert_eq!(disk.list("").unwrap(), ["seg-000000", "seg-000001"]);
}

#[test]
fn what_lies_in_a_damaged_segment_never_comes_back_as_another_instance() {
    let disk = SimDisk::new(21);
    let (spool, _) = open(&disk, 21).unwrap();
    let lost = store(&spool, 1, 10_000).unwrap().positions;
    drop(spool);
    disk.open("seg-000000", Access::Cached).unwrap().write_at(b"oops", 20).unwrap();
    let (spool, _) = open(&disk, 22).unwrap();
    let other = store(&spool, 2, 10_000).unwrap().positions;
    assert_ne!(lost, other, "the place is not given away again");
    assert!(matches!(read(&spool, &lost), Err(SpoolError::NoSegment { .. })));
}

#[test]
fn segments_that_cannot_be_made_or_begun_leave_nothing_on_the_disk() {
    let disk = SimDisk::new(23);
    let (spool, _) = open(&disk, 23).unwrap();
    disk.fail_syncs(true);
    for id in 1..4 {
        assert!(store(&spool, id, 10).is_err());
    }
    assert_eq!(disk.list("").unwrap(), Vec::<String>::new());
    disk.fail_syncs(false);
    store(&spool, 4, 10).unwrap();
}

#[test]
fn a_segment_begun_after_a_look_began_is_found_when_it_is_asked_for() {
    let disk = SimDisk::new(24);
    let (spool, _) = open(&disk, 24).unwrap();
    store(&spool, 1, 10).unwrap();
    let chance = Arc::new(SeededChance::new(25));
    let (looking, _) = Spool::open_read_only(Arc::new(disk), keys(), chance).unwrap();
    let later: Vec<_> = (2..4).map(|id| (id, store(&spool, id, 2_000_000).unwrap().positions)).collect();
    for (id, positions) in later {
        assert_eq!(read(&looking, &positions).unwrap().1, content(id, 2_000_000));
    }
    assert!(matches!(looking.read(&[Position(9, 0)]), Err(SpoolError::NoSegment { generation: 9 })));
}

#[test]
fn a_missing_master_key_is_said_and_nothing_is_thrown_away() {
    let disk = SimDisk::new(12);
    let (spool, _) = open(&disk, 12).unwrap();
    store(&spool, 1, 10).unwrap();
    drop(spool);
    let other = Arc::new(MasterKeys::new(MasterKey::fresh(&SeededChance::new(5)), vec![]));
    let chance = Arc::new(SeededChance::new(1));
    let refused = Spool::open(Arc::new(disk.clone()), other, chance, settings()).err();
    assert!(matches!(refused, Some(SpoolError::Key(UnwrapError::NoMasterKey(_)))));
    assert_eq!(open(&disk, 13).unwrap().1.instances.len(), 1);
}

#[test]
fn many_writers_on_a_real_disk_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(HostDisk::new(folder.path()).unwrap());
    let none_free = Settings { min_free_bytes: 0, min_free_percent: 0, prepared_segments: 1, ..settings() };
    let chance: Arc<dyn Chance> = Arc::new(SeededChance::new(3));
    let (spool, _) = Spool::open(Arc::clone(&disk), keys(), Arc::clone(&chance), none_free).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let spool = &spool;
            scope.spawn(move || {
                for number in 0..12_u8 {
                    let id = thread * 16 + number;
                    store(spool, id, usize::from(id) * 11_000).unwrap();
                }
            });
        }
    });
    drop(spool);
    let (spool, found) = Spool::open(disk, keys(), chance, none_free).unwrap();
    assert_eq!(found.instances.len(), 48);
    for instance in found.instances {
        let id = instance.id.0[0];
        assert_eq!(read(&spool, &instance.positions).unwrap().1, content(id, usize::from(id) * 11_000));
    }
}

#[test]
fn what_nobody_indexed_is_never_recycled_even_if_it_was_let_go() {
    let disk = SimDisk::new(20);
    let (spool, _) = open(&disk, 20).unwrap();
    drop(store(&spool, 1, 2_900_000).unwrap());
    store(&spool, 2, 2_900_000).unwrap().hold.release();
    assert!(spool.idle_generations().is_empty(), "the indexer died before it was done");
}

#[test]
fn a_start_does_not_look_through_segments_that_are_marked_and_still_reads_them() {
    let disk = SimDisk::new(21);
    let (spool, _) = open(&disk, 21).unwrap();
    let first = store(&spool, 1, 2_900_000).unwrap();
    let (positions, generation) = (first.positions.clone(), first.positions[0].0);
    spool.mark_indexed(&[generation]).unwrap();
    assert_eq!(open(&disk, 22).unwrap().1.instances.len(), 1, "it was held, so it was not marked");
    first.hold.release();
    store(&spool, 2, 2_900_000).unwrap().hold.release();
    spool.mark_indexed(&spool.idle_generations()).unwrap();
    drop(spool);
    let (spool, found) = open(&disk, 23).unwrap();
    assert_eq!(found.instances.iter().map(|instance| instance.id.0[0]).collect::<Vec<_>>(), [2]);
    assert_eq!(read(&spool, &positions).unwrap().1, content(1, 2_900_000));
}
