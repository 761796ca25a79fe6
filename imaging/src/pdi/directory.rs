//! A DICOMDIR, anyone's, as records by the offsets that lead to them (PS3.3 §F.3.2.2).

use super::header::{Header, plain_text};
use crate::index::{ITEM, Tag};
use crate::render::{Elements, RenderError, data_set};
use dicom::dictionary_std::tags as t;
use std::collections::BTreeMap;
use std::io::Read;

const UNDEFINED: u32 = u32::MAX;
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
const MOST_VALUE_BYTES: u32 = 1 << 16;

#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Offset of the first record; 0 if there is none.
    pub first: u32,
    pub last: u32,
    pub consistency: Option<u16>,
    /// By the offset of each item's first byte in the file.
    pub records: BTreeMap<u32, Record>,
}

#[derive(Debug, Default)]
pub(super) struct Record {
    /// Offset of the next record beside it; 0 if it is the last.
    pub next: u32,
    /// Offset of the first record below it; 0 if there is none.
    pub lower: u32,
    values: BTreeMap<Tag, Vec<u8>>,
}

impl Record {
    /// A value of plain text; empty if there is none.
    pub(super) fn text(&self, tag: Tag) -> &str {
        plain_text(self.bytes(tag).unwrap_or_default())
    }

    /// A value, or anything at all of a sequence that is not empty; `None` if the element is not there.
    pub(super) fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        self.values.get(&tag).map(Vec::as_slice)
    }

    /// Whether an element has a value that is not only padding.
    pub(super) fn says(&self, tag: Tag) -> bool {
        self.bytes(tag).is_some_and(|value| value.iter().any(|byte| *byte != b' '))
    }
}

impl Directory {
    /// Reads a directory, whose header was read.
    pub(super) fn read(file: &[u8], header: &Header) -> Result<Self, RenderError> {
        let (_, mut elements) = data_set(file)?;
        let mut directory = Self::default();
        while let Some(head) = elements.head()? {
            match head.tag {
                t::DIRECTORY_RECORD_SEQUENCE => {
                    let end = (head.length != UNDEFINED).then(|| elements.position + u64::from(head.length));
                    directory.records(&mut elements, end, header.data_at)?;
                }
                t::OFFSET_OF_THE_FIRST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY => {
                    directory.first = long(&elements.value(&head, MOST_VALUE_BYTES)?);
                }
                t::OFFSET_OF_THE_LAST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY => {
                    directory.last = long(&elements.value(&head, MOST_VALUE_BYTES)?);
                }
                t::FILE_SET_CONSISTENCY_FLAG => {
                    directory.consistency = short(&elements.value(&head, MOST_VALUE_BYTES)?);
                }
                _ => elements.skip(&head)?,
            }
        }
        Ok(directory)
    }

    fn records<R: Read>(
        &mut self,
        elements: &mut Elements<R>,
        end: Option<u64>,
        data_at: u32,
    ) -> Result<(), RenderError> {
        while end.is_none_or(|end| elements.position < end) {
            let offset = u32::try_from(elements.position).ok().and_then(|at| at.checked_add(data_at));
            let offset = offset.ok_or(RenderError::Damaged("the directory is too long"))?;
            let head = elements.head()?.ok_or(RenderError::Damaged("a sequence does not end"))?;
            match head.tag {
                ITEM => drop(self.records.insert(offset, record(elements, head.length)?)),
                SEQUENCE_END => break,
                _ => return Err(RenderError::Damaged("a sequence holds what is no item")),
            }
        }
        Ok(())
    }
}

fn record<R: Read>(elements: &mut Elements<R>, length: u32) -> Result<Record, RenderError> {
    let end = (length != UNDEFINED).then(|| elements.position + u64::from(length));
    let mut record = Record::default();
    while end.is_none_or(|end| elements.position < end) {
        let head = elements.head()?.ok_or(RenderError::Damaged("an item does not end"))?;
        if head.tag == ITEM_END {
            break;
        }
        let is_sequence = head.vr.is_some_and(|vr| &vr.0 == b"SQ");
        let value = if is_sequence && head.length > 0 {
            elements.skip(&head)?;
            b"items".to_vec()
        } else {
            elements.value(&head, MOST_VALUE_BYTES)?
        };
        match head.tag {
            t::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD => record.next = long(&value),
            t::OFFSET_OF_REFERENCED_LOWER_LEVEL_DIRECTORY_ENTITY => record.lower = long(&value),
            _ => drop(record.values.insert(head.tag, value)),
        }
    }
    Ok(record)
}

fn long(value: &[u8]) -> u32 {
    value.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn short(value: &[u8]) -> Option<u16> {
    value.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}
