//! Drawing on a page: text, rectangles, shapes. Lengths are in points (1/72 inch) from the top
//! left.

use super::fonts::{Fonts, Weight};
use super::shape;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;

pub(super) type Colour = (u8, u8, u8);

/// Colour of text.
pub(super) const INK: Colour = (31, 39, 51);
/// Colour of less important text.
pub(super) const MUTED: Colour = (98, 107, 120);
/// Colour of hairlines.
pub(super) const LINE: Colour = (214, 219, 226);
/// Background of headers.
pub(super) const GROUND: Colour = (236, 239, 243);

/// Size, weight and colour of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) colour: Colour,
}

/// A page being drawn on.
pub(super) struct Paper<'p, 's> {
    pub(super) surface: &'p mut Surface<'s>,
    pub(super) fonts: &'p Fonts,
}

impl Paper<'_, '_> {
    /// Draws a text that begins at a point of its baseline, and returns its width.
    pub(super) fn text(&mut self, x: f32, y: f32, style: Style, text: &str) -> f32 {
        let line = shape::line(self.fonts, text, style.weight);
        self.line(x, y, style, text, &line)
    }

    /// Draws a text that ends at a point of its baseline.
    pub(super) fn text_up_to(&mut self, right: f32, y: f32, style: Style, text: &str) {
        let line = shape::line(self.fonts, text, style.weight);
        self.line(right - line.width() * style.size, y, style, text, &line);
    }

    fn line(&mut self, x: f32, y: f32, style: Style, text: &str, line: &shape::TextLine) -> f32 {
        self.ink(style.colour);
        let mut at = x;
        for run in &line.runs {
            let font = self.fonts.faces[run.face].font.clone();
            let words = &text[run.text.clone()];
            let start = Point::from_xy(at, y);
            self.surface.draw_glyphs(start, &run.glyphs, font, words, style.size, false);
            at += run.width * style.size;
        }
        at - x
    }

    pub(super) fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.fill(path.finish(), colour);
    }

    /// A hairline from left to right.
    pub(super) fn rule(&mut self, x: f32, y: f32, width: f32) {
        self.rectangle(x, y, width, 0.5, LINE);
    }

    pub(super) fn shape(&mut self, points: &[(f32, f32)], colour: Colour) {
        let Some(((x, y), rest)) = points.split_first() else { return };
        let mut path = PathBuilder::new();
        path.move_to(*x, *y);
        rest.iter().for_each(|(x, y)| path.line_to(*x, *y));
        path.close();
        self.fill(path.finish(), colour);
    }

    fn fill(&mut self, path: Option<Path>, colour: Colour) {
        // A shape without area has no path.
        let Some(path) = path else { return };
        self.ink(colour);
        self.surface.draw_path(&path);
    }

    fn ink(&mut self, (red, green, blue): Colour) {
        self.surface.set_fill(Some(Fill {
            paint: rgb::Color::new(red, green, blue).into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::NonZero,
        }));
    }
}
