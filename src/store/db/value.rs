//! What goes into a statement.

use std::borrow::Cow;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing; takes the type of the column it meets.
    Null,
    /// A number, a time, or a flag.
    I64(i64),
    /// Text, an id, or JSON.
    Text(Cow<'a, str>),
    /// Bytes, such as a wrapped key.
    Bytes(Cow<'a, [u8]>),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::I64(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::I64(number.into())
    }
}

/// Sizes, offsets and generations stay far below 2^63; one that does not is written as the highest
/// number there is, which no reader takes for a real one.
impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::I64(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::I64(flag.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(bytes))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `["a", "b"]` as the one parameter [`super::Dialect::in_list`] compares a column with.
pub fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value<'static> {
    serde_json::Value::from_iter(texts).to_string().into()
}
