//! Reserved colours, which the stylesheet maps to the scheme's own (`style/charts/paint.css`), and
//! what plotters writes.

use plotters::prelude::*;

/// How many series have a colour of their own.
pub(crate) const COLOURS: usize = 10;

/// What a mark means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// A series, from 0.
    Series(usize),
    /// What all further keys count.
    Other,
    /// Lines of the mesh.
    Mesh,
    /// The period before.
    Ghost,
    /// Attempts sent.
    Sent,
    /// Attempts verified.
    Verified,
    /// Attempts failed.
    Failed,
    /// Attempts the gate refused.
    Refused,
}

impl Ink {
    /// The reserved colour. 7 to 9 are `Other` and the donuts' words. Digits alone: plotters writes
    /// letters large and browsers small.
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

    /// What swatches in the page say in `data-series`.
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

/// A canvas of plotters'.
pub(crate) type Canvas<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
/// What plotters answers.
pub(crate) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws on a canvas and answers with what stands inside its `<svg>`; empty when plotters refuses,
/// which leaves the numbers.
pub(crate) fn drawn(size: (u32, u32), draw: impl Fn(&Canvas<'_>) -> Drawn) -> String {
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

/// What stands between `<svg …>` and `</svg>`: the page writes its own.
pub(crate) fn inside(svg: &str) -> &str {
    let start = svg.find('>').map_or(0, |at| at + 1);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    svg.get(start..end).unwrap_or_default().trim()
}

/// Text for the inside of an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_colours_differ() {
        let series = (0..COLOURS).map(Ink::Series);
        let fixed = [
            Ink::Other,
            Ink::Mesh,
            Ink::Ghost,
            Ink::Sent,
            Ink::Verified,
            Ink::Failed,
            Ink::Refused,
        ];
        let mut tones: Vec<_> = series.chain(fixed).map(|ink| ink.colour().0).collect();
        // The donuts' words.
        tones.extend([8, 9]);
        let all = tones.len();
        tones.sort_unstable();
        tones.dedup();
        assert_eq!(tones.len(), all);
        assert_eq!(Ink::Series(10).colour(), Ink::Other.colour());
        assert_eq!(Ink::Series(10).word(), "other");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<b \"x\" & y>"), "&lt;b &quot;x&quot; &amp; y&gt;");
    }
}
