//! Report formats, and how cells are written.

use crate::events::words;
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// An output format.
    Format, name {
        /// Comma-separated values with a header (RFC 4180), UTF-8.
        Csv = "csv" => "CSV",
        /// One JSON array of objects, one for each row.
        Json = "json" => "JSON",
        /// A workbook for spreadsheet programs (Office Open XML).
        Xlsx = "xlsx" => "Excel (XLSX)",
        /// Pages to print or to hand on.
        Pdf = "pdf" => "PDF",
    }
}

impl Format {
    /// For the `Content-Type` header.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }

    /// Maximum rows; `None` if unlimited. A sheet has 1,048,576 rows including the header; a
    /// document of more than 20,000 rows has over five hundred pages and is held in memory while
    /// being laid out.
    pub fn most_rows(self) -> Option<u64> {
        match self {
            Self::Csv | Self::Json => None,
            Self::Xlsx => Some(1_048_575),
            Self::Pdf => Some(20_000),
        }
    }

    /// Whether a viewer needs a program to open it, rather than reading text.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Xlsx | Self::Pdf)
    }
}

/// `part` / `whole` in ten-thousandths, halves rounded up; `None` if `whole` is 0.
pub fn rate(part: u64, whole: u64) -> Option<u64> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let rounded = (part * 20_000 + whole).checked_div(2 * whole)?;
    u64::try_from(rounded).ok()
}

/// A rate for reports: `0.8333`.
pub fn rate_text(rate: u64) -> String {
    format!("{}.{:04}", rate / 10_000, rate % 10_000)
}

/// Writes times as `2026-11-20T09:30:00.000000Z`; fast for consecutive times, because it caches the
/// date.
#[derive(Debug, Clone, Default)]
pub struct Clockface {
    day: Option<i64>,
    date: String,
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

impl Clockface {
    /// Appends a time to a string.
    pub fn write(&mut self, time: DateTime<Utc>, out: &mut String) {
        let micros = time.timestamp_micros();
        let (day, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
        if self.day != Some(day) {
            let date = time.date_naive();
            self.date = format!("{:04}-{:02}-{:02}T", date.year(), date.month(), date.day());
            self.day = Some(day);
        }
        out.push_str(&self.date);
        let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
        let parts = [
            (seconds / 3_600, 2, ':'),
            (seconds / 60 % 60, 2, ':'),
            (seconds % 60, 2, '.'),
            (micros, 6, 'Z'),
        ];
        for (value, digits, after) in parts {
            let mut scale = 10_i64.pow(digits - 1);
            while scale > 0 {
                // A single digit, so it fits.
                let digit = u8::try_from(value / scale % 10).unwrap_or(0);
                out.push(char::from(b'0' + digit));
                scale /= 10;
            }
            out.push(after);
        }
    }

    /// A single time in this format.
    pub fn text(time: DateTime<Utc>) -> String {
        let mut out = String::with_capacity(27);
        Self::default().write(time, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::SecondsFormat;
    use proptest::prelude::*;

    #[test]
    fn rates() {
        let text = |part, whole| rate(part, whole).map(rate_text);
        assert_eq!(text(5, 6).as_deref(), Some("0.8333"));
        assert_eq!(text(1, 1).as_deref(), Some("1.0000"));
        assert_eq!(text(0, 7).as_deref(), Some("0.0000"));
        assert_eq!(text(1, 20_000).as_deref(), Some("0.0001"), "halves are rounded up");
        assert_eq!(text(3, 0), None);
        assert_eq!(rate(u64::MAX, u64::MAX), Some(10_000));
    }

    proptest! {
        #[test]
        fn times_read_as_rfc_3339(micros in 946_684_800_000_000_i64..4_102_444_800_000_000, more in 0_i64..200_000_000_000) {
            let mut face = Clockface::default();
            for micros in [micros, micros + more, micros - more] {
                let time = DateTime::from_timestamp_micros(micros).unwrap();
                let mut out = String::new();
                face.write(time, &mut out);
                prop_assert_eq!(out, time.to_rfc3339_opts(SecondsFormat::Micros, true));
            }
        }
    }
}
