//! What was made last, kept up to a weight.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

pub(super) struct Kept<K, V> {
    most: usize,
    weight: usize,
    /// Counts uses: what was used longest ago goes first.
    uses: u64,
    entries: HashMap<K, Entry<V>>,
}

struct Entry<V> {
    value: Arc<V>,
    weight: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V> Kept<K, V> {
    /// Keeps nothing yet, and never more than this.
    pub(super) fn up_to(most: usize) -> Self {
        Self { most, weight: 0, uses: 0, entries: HashMap::new() }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<Arc<V>> {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.uses;
        Some(Arc::clone(&entry.value))
    }

    /// Keeps a value, unless it alone is too heavy; others go to make room.
    pub(super) fn keep(&mut self, key: K, value: Arc<V>, weight: usize) {
        if weight > self.most {
            return;
        }
        self.uses += 1;
        if let Some(before) = self.entries.insert(key, Entry { value, weight, used: self.uses }) {
            self.weight -= before.weight;
        }
        self.weight += weight;
        while self.weight > self.most {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|key| self.entries.remove(&key)) else { return };
            self.weight -= gone.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_makes_room_and_the_weight_is_never_passed() {
        let mut kept = Kept::up_to(10);
        for (key, weight) in [("a", 4), ("b", 4)] {
            kept.keep(key, Arc::new(weight), weight);
        }
        assert!(kept.get(&"a").is_some());
        kept.keep("c", Arc::new(5), 5);
        assert!(kept.get(&"b").is_none() && kept.get(&"a").is_some() && kept.get(&"c").is_some());
        kept.keep("d", Arc::new(11), 11);
        assert!(kept.get(&"d").is_none());
        kept.keep("a", Arc::new(1), 1);
        assert_eq!(kept.weight, 6);
    }
}
