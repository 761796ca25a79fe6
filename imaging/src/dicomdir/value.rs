//! Values of a directory: what an instance says where that will do, else something that does.

use super::keys::Keys;
use super::record::{Key, Need};
use crate::index::{Encoding, Head, ITEM, Tag, Vr, uid_fault, write_element};
use dicom::core::VR;
use dicom::core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom::dictionary_std::{StandardDataDictionary, tags as t};

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub tag: Tag,
    pub vr: VR,
    pub bytes: Vec<u8>,
}

impl Value {
    /// A text, which must be as its representation demands.
    pub(super) fn text(tag: Tag, text: &str) -> Self {
        Self { tag, vr: vr_of(tag), bytes: text.as_bytes().to_vec() }
    }

    /// Whether the record needs a character set for it. Of items that is not asked: they are UTF-8.
    pub(super) fn is_extended(&self) -> bool {
        match self.vr {
            VR::SQ => !self.bytes.is_empty(),
            VR::US | VR::UL => false,
            _ => !self.bytes.is_ascii(),
        }
    }
}

/// The value of a key: the first that will do among those of `instances`, else by what the record needs.
/// `number` is the record's place among its siblings, from 1.
pub(super) fn of_key<'k>(
    (tag, need): Key,
    instances: impl Iterator<Item = &'k Keys> + Clone,
    number: usize,
) -> Option<Value> {
    let vr = vr_of(tag);
    let found = |from: Tag| instances.clone().find_map(|keys| fit(vr, keys, from));
    let bytes = found(tag).or_else(|| match need {
        Need::Always => {
            substitutes(tag).iter().copied().find_map(found).or_else(|| Some(invented(tag, vr, number)))
        }
        Need::OrEmpty => Some(Vec::new()),
        Need::WhenThere => None,
    })?;
    Some(Value { tag, vr, bytes })
}

fn vr_of(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

/// What says nearly the same.
fn substitutes(tag: Tag) -> &'static [Tag] {
    match tag {
        t::STUDY_DATE => &[t::SERIES_DATE, t::CONTENT_DATE],
        t::STUDY_TIME => &[t::SERIES_TIME, t::CONTENT_TIME],
        t::CONTENT_DATE | t::PRESENTATION_CREATION_DATE | t::INSTANCE_CREATION_DATE => {
            &[t::CONTENT_DATE, t::INSTANCE_CREATION_DATE, t::SERIES_DATE, t::STUDY_DATE]
        }
        t::CONTENT_TIME | t::PRESENTATION_CREATION_TIME => {
            &[t::CONTENT_TIME, t::INSTANCE_CREATION_TIME, t::SERIES_TIME, t::STUDY_TIME]
        }
        _ => &[],
    }
}

/// What stands where nothing is known: recognisably so where its representation allows that.
fn invented(tag: Tag, vr: VR, number: usize) -> Vec<u8> {
    match (tag, vr) {
        (t::MODALITY, _) => b"OT".to_vec(),
        (t::STUDY_ID, _) | (_, VR::IS) => number.to_string().into_bytes(),
        (t::COMPLETION_FLAG, _) => b"PARTIAL".to_vec(),
        (t::VERIFICATION_FLAG, _) => b"UNVERIFIED".to_vec(),
        (t::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, _) => b"application/octet-stream".to_vec(),
        (t::CONCEPT_NAME_CODE_SEQUENCE, _) => not_stated(),
        (_, VR::SQ) => Vec::new(),
        (_, VR::DA) => b"19000101".to_vec(),
        (_, VR::TM) => b"000000".to_vec(),
        (_, VR::DT) => b"19000101000000".to_vec(),
        (_, VR::US) => vec![0; 2],
        (_, VR::UL) => vec![0; 4],
        _ => b"UNKNOWN".to_vec(),
    }
}

/// The one item of a concept that nobody named.
fn not_stated() -> Vec<u8> {
    let code = [
        (t::CODE_VALUE, "NONE"),
        (t::CODING_SCHEME_DESIGNATOR, "99FILMROOM"),
        (t::CODE_MEANING, "Not stated"),
    ];
    let (mut item, mut items) = (Vec::new(), Vec::new());
    let written = code.into_iter().all(|(tag, text)| {
        write_element(&mut item, tag, Some(Vr(vr_of(tag).to_bytes())), text.as_bytes()).is_some()
    });
    // So short an item is always written.
    if written && write_element(&mut items, ITEM, None, &item).is_some() { items } else { Vec::new() }
}

/// What an instance has under a tag, in a form its representation allows; `None` if it has nothing such.
fn fit(vr: VR, keys: &Keys, tag: Tag) -> Option<Vec<u8>> {
    match vr {
        VR::SQ => keys.bytes(tag).filter(|items| !items.is_empty()),
        VR::US => keys.bytes(tag)?.get(..2).map(<[u8]>::to_vec),
        VR::UL => keys.bytes(tag)?.get(..4).map(<[u8]>::to_vec),
        _ => fit_text(vr, keys.text(tag)?).map(String::into_bytes),
    }
}

/// A text in the form its representation allows (PS3.5 table 6.2-1); `None` if it has none, or is empty.
pub(super) fn fit_text(vr: VR, text: &str) -> Option<String> {
    let fitting = match vr {
        VR::SH => one_line(text, 16),
        VR::LO => one_line(text, 64),
        VR::ST => cut(text, 1024),
        VR::UT => text.to_owned(),
        VR::PN => {
            let name = |name: &str| -> String {
                name.split('=').take(3).map(|group| one_line(group, 64)).collect::<Vec<_>>().join("=")
            };
            text.split('\\').map(name).collect::<Vec<_>>().join("\\")
        }
        _ => text.split('\\').map(|value| fit_value(vr, value)).collect::<Option<Vec<_>>>()?.join("\\"),
    };
    Some(fitting).filter(|text| text.bytes().any(|byte| byte != b'\\' && byte != b' '))
}

/// One value of several; empty ones may be.
fn fit_value(vr: VR, value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() {
        return Some(String::new());
    }
    let is = |kind: fn(u8) -> bool| value.bytes().all(kind);
    match vr {
        VR::DA => fit_date(value),
        VR::TM => fit_time(value),
        VR::DT => {
            let whole = value.split(['.', '+', '-']).next().unwrap_or_default();
            let date = whole.get(..8).unwrap_or(whole);
            let known = matches!(whole.len(), 4 | 6 | 8 | 10 | 12 | 14) && value.len() <= 26;
            (known && (date.len() < 8 || fit_date(date).is_some())).then(|| value.to_owned())
        }
        VR::IS => value.parse::<i32>().ok().map(|number| number.to_string()),
        VR::DS => {
            let short = value.len() <= 16 && is(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            (short && value.parse::<f64>().is_ok()).then(|| value.to_owned())
        }
        VR::CS => {
            let code = value.to_ascii_uppercase();
            let short = code.len() <= 16;
            (short && is(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b' ')).then_some(code)
        }
        VR::UI => is_strict_uid(value).then(|| value.to_owned()),
        _ => None,
    }
}

/// Whether it is a UID as PS3.5 §9.1 has it, not only one that serves.
fn is_strict_uid(value: &str) -> bool {
    let number =
        |part: &str| part == "0" || (!part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit()));
    uid_fault(value).is_ok()
        && value.split('.').all(number)
        && value.starts_with(['0', '1', '2'])
        && value.as_bytes().get(1) == Some(&b'.')
}

/// (0040,A030) of a report that is VERIFIED: when that was done last (PS3.3 §F.5.24).
pub(super) fn verification(keys: &Keys) -> Option<Value> {
    if keys.text(t::VERIFICATION_FLAG) != Some("VERIFIED") {
        return None;
    }
    let observed = keys.bytes(t::VERIFYING_OBSERVER_SEQUENCE).unwrap_or_default();
    let times = values_in_items(&observed, t::VERIFICATION_DATE_TIME).into_iter();
    let latest = times.filter_map(|time| fit_text(VR::DT, &time)).max();
    let of_content = || {
        let date = fit(VR::DA, keys, t::CONTENT_DATE)?;
        String::from_utf8(date).ok()
    };
    let time = latest.or_else(of_content).unwrap_or_else(|| "19000101000000".to_owned());
    Some(Value::text(t::VERIFICATION_DATE_TIME, &time))
}

/// The texts under a tag in items as the index keeps them.
fn values_in_items(items: &[u8], tag: Tag) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), items);
    while let Some((head, value, after)) = next_element(rest) {
        if head == ITEM {
            found.extend(values_in_items(value, tag));
        } else if head == tag {
            found.push(String::from_utf8_lossy(value).trim().to_owned());
        }
        rest = after;
    }
    found
}

/// The element or item at the start of `bytes`, its value, and what follows.
fn next_element(bytes: &[u8]) -> Option<(Tag, &[u8], &[u8])> {
    let head = Head::read(Encoding::ExplicitLittle, bytes)?;
    let rest = bytes.get(head.bytes..)?;
    let (value, after) = rest.split_at_checked(usize::try_from(head.length).ok()?)?;
    Some((head.tag, value, after))
}

/// `YYYYMMDD`, also of what older instances write with dots.
fn fit_date(value: &str) -> Option<String> {
    let digits: String = value.chars().filter(|c| *c != '.' && *c != '-').collect();
    let number: u32 = if digits.len() == 8 { digits.parse().ok()? } else { return None };
    let (month, day) = (number / 100 % 100, number % 100);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(digits)
}

/// `HHMMSS.FFFFFF` or its beginning, also of what older instances write with colons.
fn fit_time(value: &str) -> Option<String> {
    let digits = value.replace(':', "");
    let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), None), |(w, f)| (w, Some(f)));
    let pair = |at: usize, below: u8| {
        whole.get(at..at + 2).is_none_or(|pair| pair.parse::<u8>().is_ok_and(|pair| pair < below))
    };
    let known = matches!(whole.len(), 2 | 4 | 6) && whole.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_fits = fraction.is_none_or(|fraction| {
        whole.len() == 6
            && (1..=6).contains(&fraction.len())
            && fraction.bytes().all(|byte| byte.is_ascii_digit())
    });
    (known && pair(0, 24) && pair(2, 60) && pair(4, 61) && fraction_fits).then_some(digits)
}

/// A text of one value on one line, cut to so many characters.
fn one_line(text: &str, longest: usize) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    cut(plain.replace('\\', "/").trim(), longest)
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}
