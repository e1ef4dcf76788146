//! The forms a report is written in, and how its cells read.

use crate::events::words;
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// The form a report is written in.
    Format {
        /// Comma-separated values with a header (RFC 4180), UTF-8.
        Csv = "csv",
        /// One JSON array of objects, one for each row.
        Json = "json",
        /// A workbook for spreadsheet programs (Office Open XML).
        Xlsx = "xlsx",
        /// Pages to print or to hand on.
        Pdf = "pdf",
    }
}

impl Format {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }

    /// What it is called on pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Xlsx => "Excel (XLSX)",
            Self::Pdf => "PDF",
        }
    }

    /// The most rows it can hold; none where there is no end. A sheet has 1,048,576 rows, of which
    /// the header takes one; a document of more than 20,000 rows has over five hundred pages, and
    /// is kept whole in memory while it is set.
    pub fn most_rows(self) -> Option<u64> {
        match self {
            Self::Csv | Self::Json => None,
            Self::Xlsx => Some(1_048_575),
            Self::Pdf => Some(20_000),
        }
    }

    /// Whether it is for programs to show rather than text.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Xlsx | Self::Pdf)
    }
}

/// A share of one in ten-thousandths, halves rounded up; none of nothing.
pub fn rate(part: u64, whole: u64) -> Option<u64> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let rounded = (part * 20_000 + whole).checked_div(2 * whole)?;
    u64::try_from(rounded).ok()
}

/// A rate as reports write it: `0.8333`.
pub fn rate_text(rate: u64) -> String {
    format!("{}.{:04}", rate / 10_000, rate % 10_000)
}

/// Writes times as `2026-11-20T09:30:00.000000Z`, fast where they lie close to each other: the
/// day of the time before is kept.
#[derive(Debug, Clone, Default)]
pub struct Clockface {
    day: Option<i64>,
    date: String,
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

impl Clockface {
    /// Adds a time to a text.
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
                // One digit, so it fits.
                let digit = u8::try_from(value / scale % 10).unwrap_or(0);
                out.push(char::from(b'0' + digit));
                scale /= 10;
            }
            out.push(after);
        }
    }

    /// A time as reports write it.
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
