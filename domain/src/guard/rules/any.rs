use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One item, or all, written `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(
    try_from = "String",
    into = "String",
    bound(serialize = "T: fmt::Display + Clone", deserialize = "T: FromStr, T::Err: fmt::Display")
)]
pub enum Any<T> {
    /// Every item.
    All,
    /// This item only.
    One(T),
}

impl<T: PartialEq> Any<T> {
    /// Whether it includes an item.
    pub(crate) fn holds(&self, one: &T) -> bool {
        match self {
            Self::All => true,
            Self::One(mine) => mine == one,
        }
    }
}

impl<T: FromStr> FromStr for Any<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "*" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

impl<T: FromStr> TryFrom<String> for Any<T>
where
    T::Err: fmt::Display,
{
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| format!("{error}, or * for all"))
    }
}

impl<T: fmt::Display> From<Any<T>> for String {
    fn from(any: Any<T>) -> Self {
        any.to_string()
    }
}

impl<T: fmt::Display> fmt::Display for Any<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::One(one) => one.fmt(f),
        }
    }
}
