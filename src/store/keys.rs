//! Wrapped data keys, wherever rows keep them: for a new master key, all of them are wrapped anew.

use crate::model::KeptKey;
use crate::store::StoreError;
use crate::store::db::{Read, Row, Tx, composed, expect_one_row, read_all};

/// A kind of row that holds a data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A study archive.
    Archive,
    /// A package's layout.
    Package,
    /// What a link's birth date and access code are held against.
    Link,
    /// Mail that waits.
    Message,
    /// What a sealed disc is made of.
    DiscSeal,
    /// The code that opens it.
    OpeningCode,
}

impl Holder {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Archive, Self::Package, Self::Link, Self::Message, Self::DiscSeal, Self::OpeningCode];

    /// What the data key of the row `id` is bound to.
    #[must_use]
    pub fn owner(self, id: &str) -> Vec<u8> {
        let kind = match self {
            Self::Archive => "archive",
            Self::Package => "package",
            Self::Link => "link",
            Self::Message => "message",
            Self::DiscSeal => "disc seal",
            Self::OpeningCode => "opening code",
        };
        format!("{kind} {id}").into_bytes()
    }

    fn table(self) -> &'static str {
        match self {
            Self::Archive => "archives",
            Self::Package => "packages",
            Self::Link => "link_grants",
            Self::Message => "messages",
            Self::DiscSeal => "disc_seals",
            Self::OpeningCode => "opening_codes",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Link => "proof_key",
            _ => "data_key",
        }
    }
}

/// The key in a row's columns `data_key` and `master_key_id`.
pub(super) fn kept_key(row: &Row) -> Result<KeptKey, StoreError> {
    Ok(KeptKey { data_key: row.bytes("data_key")?, master_key_id: row.text("master_key_id")? })
}

/// A page of the rows whose keys `master_key_id` wraps: ids and keys.
///
/// # Errors
/// If the database fails.
pub async fn wrapped_by(
    mut reader: impl Read,
    holder: Holder,
    master_key_id: &str,
    limit: u32,
) -> Result<Vec<(String, KeptKey)>, StoreError> {
    let (table, column) = (holder.table(), holder.column());
    let sql = format!(
        "SELECT id, {column} AS data_key, master_key_id FROM {table} \
         WHERE master_key_id = $1 ORDER BY id LIMIT $2"
    );
    let rows = reader.rows(composed(sql), vec![master_key_id.into(), limit.into()]).await?;
    read_all(rows, table, |row| Ok((row.text("id")?, kept_key(row)?)))
}

/// Replaces a wrapped key by the same key wrapped by another master key.
///
/// # Errors
/// If the key is not wrapped by `from` (any more), or the database fails.
pub async fn rewrap(
    tx: &mut Tx,
    holder: Holder,
    id: &str,
    from: &str,
    to: &KeptKey,
) -> Result<(), StoreError> {
    let (table, column) = (holder.table(), holder.column());
    let sql =
        format!("UPDATE {table} SET {column} = $3, master_key_id = $4 WHERE id = $1 AND master_key_id = $2");
    let params = [id.into(), from.into(), to.data_key.as_slice().into(), (&to.master_key_id).into()];
    expect_one_row(table, tx.execute(composed(sql), params).await?)
}
