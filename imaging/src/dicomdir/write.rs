//! Writing: first how long every record is, then where they point.

use super::tree::{Node, roots};
use super::value::Value;
use super::{FileSet, TooLong};
use crate::files::{MEDIA_DIRECTORY, MetaHeader, meta_header};
use crate::index::{EXPLICIT_LITTLE, ITEM, Tag, Vr, write_element};
use crate::package::Contents;
use dicom::core::VR;
use dicom::dictionary_std::tags as t;

/// Bytes of an item's head, and of what every record begins with: next record, in use, lower record.
const RECORD_HEAD_BYTES: usize = 8 + 12 + 10 + 12;
/// Every record is in use (PS3.3 §F.3.2.2).
const IN_USE: u16 = 0xFFFF;

/// A record and where it leads, as places in the list of all records.
struct Record {
    /// What follows the record's head.
    body: Vec<u8>,
    next: Option<usize>,
    lower: Option<usize>,
}

/// The DICOMDIR of a package: of every instance whose SOP class has a record ([`super::RecordType::of`]).
///
/// # Errors
/// [`TooLong`], from some 10 million instances on.
pub fn directory(file_set: &FileSet<'_>, contents: &Contents) -> Result<Vec<u8>, TooLong> {
    let mut records = Vec::new();
    let first_root = place(roots(contents), &mut records)?;
    let mut last_root = first_root;
    while let Some(next) = last_root.and_then(|root| records[root].next) {
        last_root = Some(next);
    }

    let mut file = meta_header(&MetaHeader {
        sop_class_uid: MEDIA_DIRECTORY,
        sop_instance_uid: file_set.uid,
        transfer_syntax_uid: EXPLICIT_LITTLE,
        source_ae_title: None,
    });
    let before = file.len() + preface(file_set, 0, 0, 0)?.len();
    let offsets = offsets(before, &records)?;
    let offset = |record: Option<usize>| record.map_or(0, |record| offsets[record]);
    let records_bytes = offsets.last().copied().unwrap_or_default() - offsets[0];
    file.extend(preface(file_set, offset(first_root), offset(last_root), records_bytes)?);
    for record in &records {
        let mut content = Vec::with_capacity(RECORD_HEAD_BYTES + record.body.len());
        number(&mut content, t::OFFSET_OF_THE_NEXT_DIRECTORY_RECORD, offset(record.next))?;
        short(&mut content, t::RECORD_IN_USE_FLAG, IN_USE)?;
        number(&mut content, t::OFFSET_OF_REFERENCED_LOWER_LEVEL_DIRECTORY_ENTITY, offset(record.lower))?;
        content.extend_from_slice(&record.body);
        write_element(&mut file, ITEM, None, &content).ok_or(TooLong)?;
    }
    Ok(file)
}

/// Puts records into the list, each before those below it; gives the first of them.
fn place(nodes: Vec<Node>, records: &mut Vec<Record>) -> Result<Option<usize>, TooLong> {
    let (mut first, mut before) = (None, None);
    for node in nodes {
        let here = records.len();
        records.push(Record { body: body(node.kind, node.values)?, next: None, lower: None });
        records[here].lower = place(node.lower, records)?;
        if let Some(before) = before.replace(here) {
            let before: &mut Record = &mut records[before];
            before.next = Some(here);
        }
        first = first.or(Some(here));
    }
    Ok(first)
}

/// What a record says, in the order of tags.
fn body(kind: &str, mut values: Vec<Value>) -> Result<Vec<u8>, TooLong> {
    values.push(Value::text(t::DIRECTORY_RECORD_TYPE, kind));
    if values.iter().any(Value::is_extended) {
        values.push(Value::text(t::SPECIFIC_CHARACTER_SET, "ISO_IR 192"));
    }
    values.sort_by_key(|value| value.tag);
    let mut body = Vec::new();
    for Value { tag, vr, bytes } in &values {
        element(&mut body, *tag, *vr, bytes)?;
    }
    Ok(body)
}

/// Where each record's item begins, counted from the first byte of the file, and where the last one ends.
fn offsets(before: usize, records: &[Record]) -> Result<Vec<u32>, TooLong> {
    let mut at = before;
    let mut offsets = Vec::with_capacity(records.len() + 1);
    offsets.push(u32::try_from(at).map_err(|_| TooLong)?);
    for record in records {
        at += RECORD_HEAD_BYTES + record.body.len();
        offsets.push(u32::try_from(at).map_err(|_| TooLong)?);
    }
    Ok(offsets)
}

/// What stands before the records; as long whatever the numbers are.
fn preface(
    file_set: &FileSet<'_>,
    first_root: u32,
    last_root: u32,
    records_bytes: u32,
) -> Result<Vec<u8>, TooLong> {
    let mut bytes = Vec::new();
    element(&mut bytes, t::FILE_SET_ID, VR::CS, file_set.id.as_bytes())?;
    number(&mut bytes, t::OFFSET_OF_THE_FIRST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY, first_root)?;
    number(&mut bytes, t::OFFSET_OF_THE_LAST_DIRECTORY_RECORD_OF_THE_ROOT_DIRECTORY_ENTITY, last_root)?;
    short(&mut bytes, t::FILE_SET_CONSISTENCY_FLAG, 0)?;
    element(&mut bytes, t::DIRECTORY_RECORD_SEQUENCE, VR::SQ, &[])?;
    let length = bytes.len() - 4;
    bytes[length..].copy_from_slice(&records_bytes.to_le_bytes());
    Ok(bytes)
}

fn number(out: &mut Vec<u8>, tag: Tag, value: u32) -> Result<(), TooLong> {
    element(out, tag, VR::UL, &value.to_le_bytes())
}

fn short(out: &mut Vec<u8>, tag: Tag, value: u16) -> Result<(), TooLong> {
    element(out, tag, VR::US, &value.to_le_bytes())
}

fn element(out: &mut Vec<u8>, tag: Tag, vr: VR, value: &[u8]) -> Result<(), TooLong> {
    write_element(out, tag, Some(Vr(vr.to_bytes())), value).ok_or(TooLong)
}
