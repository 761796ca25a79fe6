//! What every blob store promises, as a test of any of them.

use super::{BlobError, BlobKey, BlobStore};
use imaging::chance::{Chance, SeededChance};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Runs the whole contract. The store may hold other blobs; what the contract made it deletes again.
pub(crate) fn holds_for(store: &dyn BlobStore) {
    what_was_finished_is_read_back_at_any_offset(store);
    what_is_not_finished_is_not_there(store);
    a_blob_is_written_once(store);
    a_deleted_blob_is_gone_and_deleting_is_idempotent(store);
    listing_shows_each_finished_blob_with_its_length(store);
}

/// Bytes that differ from blob to blob.
pub(crate) fn sample(len: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededChance::new(seed).fill(&mut bytes);
    bytes
}

/// The key of a blob of the contract.
pub(crate) fn key(number: usize) -> BlobKey {
    BlobKey::new(format!("0c0ffee0-0000-4000-8000-{number:012x}")).unwrap()
}

/// Writes a blob to its end.
pub(crate) fn put(store: &dyn BlobStore, key: &BlobKey, bytes: &[u8]) -> Result<u64, BlobError> {
    let mut writer = store.create(key)?;
    writer.write_all(bytes)?;
    writer.finish()
}

/// All bytes of a blob.
pub(crate) fn get(store: &dyn BlobStore, key: &BlobKey) -> Result<Vec<u8>, BlobError> {
    let blob = store.open(key)?;
    let mut bytes = vec![0; usize::try_from(blob.len()?).unwrap()];
    blob.read_at(&mut bytes, 0)?;
    Ok(bytes)
}

fn is_absent(store: &dyn BlobStore, key: &BlobKey) -> bool {
    let mut listed = false;
    store.list(&mut |found, _| listed |= found == *key).unwrap();
    !listed && matches!(store.open(key).map(drop), Err(BlobError::NotFound))
}

fn what_was_finished_is_read_back_at_any_offset(store: &dyn BlobStore) {
    for (number, len) in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 7].into_iter().enumerate()
    {
        let (key, bytes) = (key(number), sample(len, number as u64));
        assert_eq!(put(store, &key, &bytes).unwrap(), len as u64);
        assert!(get(store, &key).unwrap() == bytes, "of {len} bytes");
        let blob = store.open(&key).unwrap();
        assert_eq!(blob.len().unwrap(), len as u64);
        let mut part = vec![0; len / 3];
        blob.read_at(&mut part, (len / 2) as u64).unwrap();
        assert!(part == bytes[len / 2..len / 2 + len / 3], "of {len} bytes");
        let past_the_end = blob.read_at(&mut [0; 2], (len as u64).saturating_sub(1));
        assert_eq!(past_the_end.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        store.delete(&key).unwrap();
    }
}

fn what_is_not_finished_is_not_there(store: &dyn BlobStore) {
    let key = key(10);
    let mut writer = store.create(&key).unwrap();
    writer.write_all(&sample(2 << 20, 10)).unwrap();
    writer.flush().unwrap();
    assert!(is_absent(store, &key));
    drop(writer);
    assert!(is_absent(store, &key));
    put(store, &key, b"at the second attempt").unwrap();
    assert_eq!(get(store, &key).unwrap(), b"at the second attempt");
    store.delete(&key).unwrap();
}

fn a_blob_is_written_once(store: &dyn BlobStore) {
    let key = key(20);
    let (mut first, mut second) = (store.create(&key).unwrap(), store.create(&key).unwrap());
    first.write_all(b"first").unwrap();
    second.write_all(b"second").unwrap();
    first.finish().unwrap();
    assert!(matches!(second.finish(), Err(BlobError::Taken)));
    assert!(matches!(store.create(&key).map(drop), Err(BlobError::Taken)));
    assert_eq!(get(store, &key).unwrap(), b"first");
    store.delete(&key).unwrap();
}

fn a_deleted_blob_is_gone_and_deleting_is_idempotent(store: &dyn BlobStore) {
    let key = key(30);
    store.delete(&key).unwrap();
    put(store, &key, b"for a while").unwrap();
    store.delete(&key).unwrap();
    assert!(is_absent(store, &key));
    store.delete(&key).unwrap();
}

fn listing_shows_each_finished_blob_with_its_length(store: &dyn BlobStore) {
    let ours: BTreeMap<BlobKey, u64> = (40..80).map(|number| (key(number), number as u64)).collect();
    for (key, bytes) in &ours {
        put(store, key, &vec![0; usize::try_from(*bytes).unwrap()]).unwrap();
    }
    let mut listed = BTreeMap::new();
    let mut visits = 0;
    let mut note = |key, bytes| {
        if ours.contains_key(&key) {
            visits += 1;
            listed.insert(key, bytes);
        }
    };
    store.list(&mut note).unwrap();
    assert_eq!((visits, &listed), (ours.len(), &ours));
    for key in ours.keys() {
        store.delete(key).unwrap();
    }
}
