//! Drawing with plotters, in reserved colours that the stylesheet maps to those of the colour
//! scheme (`style/charts/paint.css`).

use plotters::prelude::*;

/// Number of series with their own colour.
pub(crate) const COLOURS: usize = 10;

/// The meaning of a mark, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkColour {
    /// A series, by its index.
    Series(usize),
    /// The sum of all further keys.
    Other,
    Mesh,
    /// The previous range.
    Ghost,
    Sent,
    Verified,
    Failed,
    Refused,
}

impl MarkColour {
    /// The reserved colour. 7 to 9 are for `Other` and the text of donuts. The hex code has no
    /// letters, because plotters writes them in upper case and browsers in lower case.
    pub(crate) fn colour(self) -> RGBColor {
        let tone = match self {
            Self::Series(at @ 0..6) => u8::try_from(at + 1).unwrap_or(7),
            Self::Series(at @ 6..COLOURS) => u8::try_from(at + 11).unwrap_or(7),
            Self::Series(_) | Self::Other => 7,
            Self::Mesh => 0x20,
            Self::Ghost => 0x21,
            Self::Sent => 0x31,
            Self::Verified => 0x32,
            Self::Failed => 0x33,
            Self::Refused => 0x34,
        };
        RGBColor(tone, tone, tone)
    }

    /// The value of `data-series` on swatches.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Series(at @ 0..COLOURS) => (at + 1).to_string(),
            Self::Series(_) | Self::Other => "other".to_owned(),
            Self::Mesh => "mesh".to_owned(),
            Self::Ghost => "before".to_owned(),
            Self::Sent => "sent".to_owned(),
            Self::Verified => "verified".to_owned(),
            Self::Failed => "failed".to_owned(),
            Self::Refused => "refused".to_owned(),
        }
    }
}

pub(crate) type Canvas<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
pub(crate) type DrawResult = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws on a canvas and returns the content of its `<svg>`; empty if plotters fails, because the
/// page has the numbers too.
pub(crate) fn drawn(size: (u32, u32), draw: impl Fn(&Canvas<'_>) -> DrawResult) -> String {
    let mut svg = String::new();
    let outcome = {
        let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&canvas).and_then(|()| canvas.present())
    };
    match outcome {
        Ok(()) => {
            inside(&svg).replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>").replace('\n', "")
        }
        Err(error) => {
            tracing::error!(%error, "a chart could not be drawn");
            String::new()
        }
    }
}

/// The text between `<svg …>` and `</svg>`.
pub(crate) fn inside(svg: &str) -> &str {
    let start = svg.find('>').map_or(0, |at| at + 1);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    svg.get(start..end).unwrap_or_default().trim()
}

/// Escapes text for an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_colours_differ() {
        let series = (0..COLOURS).map(MarkColour::Series);
        let fixed = [
            MarkColour::Other,
            MarkColour::Mesh,
            MarkColour::Ghost,
            MarkColour::Sent,
            MarkColour::Verified,
            MarkColour::Failed,
            MarkColour::Refused,
        ];
        let mut tones: Vec<_> = series.chain(fixed).map(|ink| ink.colour().0).collect();
        // The donuts' words.
        tones.extend([8, 9]);
        let all = tones.len();
        tones.sort_unstable();
        tones.dedup();
        assert_eq!(tones.len(), all);
        assert_eq!(MarkColour::Series(10).colour(), MarkColour::Other.colour());
        assert_eq!(MarkColour::Series(10).word(), "other");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<b \"x\" & y>"), "&lt;b &quot;x&quot; &amp; y&gt;");
    }
}
