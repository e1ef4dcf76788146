//! Text as glyphs: in visual order (Unicode's bidirectional algorithm), each from the first font
//! that has it. Scripts whose letters join or move go through rustybuzz. All others are set
//! character by character, which is sufficient and a hundred times faster.

use super::fonts::{Fonts, PlacedGlyph, Weight, is_silent};
use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use std::ops::Range;
use unicode_bidi::BidiInfo;

/// Glyphs of one font, and their text.
pub(super) struct GlyphRun {
    pub(super) face: usize,
    pub(super) text: Range<usize>,
    /// Text ranges in them are relative to the run's text.
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Width in ems.
    pub(super) width: f32,
}

#[derive(Default)]
pub(super) struct TextLine {
    /// Runs from left to right.
    pub(super) runs: Vec<GlyphRun>,
    /// Number of characters that no font has.
    pub(super) missing: u64,
}

impl TextLine {
    /// Width in ems.
    pub(super) fn width(&self) -> f32 {
        self.runs.iter().map(|run| run.width).sum()
    }
}

/// Whether a character's glyph depends on its neighbours, or is written from right to left.
fn is_complex(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{590}'..='\u{109f}'
        | '\u{1780}'..='\u{18af}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        || is_silent(letter)
}

pub(super) fn line(fonts: &Fonts, text: &str, weight: Weight) -> TextLine {
    let mut line = TextLine::default();
    if !text.chars().any(is_complex) {
        plain(fonts, text, 0..text.len(), weight, &mut line);
        return line;
    }
    let bidi = BidiInfo::new(text, None);
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for range in runs {
            let to_the_left = levels.get(range.start).is_some_and(unicode_bidi::Level::is_rtl);
            let mut parts = by_font(fonts, text, range, weight);
            if to_the_left {
                parts.reverse();
            }
            for (face, part) in parts {
                match face {
                    Some(face) => shaped(fonts, face, text, part, to_the_left, &mut line),
                    None => boxes(fonts, text, part, to_the_left, weight, &mut line),
                }
            }
        }
    }
    line
}

/// Lays out text character by character.
fn plain(fonts: &Fonts, text: &str, range: Range<usize>, weight: Weight, line: &mut TextLine) {
    for (at, letter) in text[range.clone()].char_indices() {
        let found = fonts.letter(letter, weight);
        line.missing += u64::from(found.is_none());
        let found = found.unwrap_or_else(|| fonts.missing(weight));
        push(line, found, range.start + at, letter.len_utf8());
    }
}

/// Adds a character's glyph to the run of its font.
fn push(line: &mut TextLine, letter: PlacedGlyph, at: usize, bytes: usize) {
    let PlacedGlyph { face, glyph, advance } = letter;
    let follows = line.runs.last().is_some_and(|run| run.face == face && run.text.end == at);
    if !follows {
        line.runs.push(GlyphRun { face, text: at..at, glyphs: Vec::new(), width: 0.0 });
    }
    let Some(run) = line.runs.last_mut() else { return };
    run.text.end = at + bytes;
    run.width += advance;
    let start = at - run.text.start;
    run.glyphs.push(KrillaGlyph {
        glyph_id: GlyphId::new(glyph),
        text_range: start..start + bytes,
        x_advance: advance,
        x_offset: 0.0,
        y_offset: 0.0,
        y_advance: 0.0,
        location: None,
    });
}

/// Splits text into parts of one font each, in text order; `None` for characters that no font has.
fn by_font(
    fonts: &Fonts,
    text: &str,
    range: Range<usize>,
    weight: Weight,
) -> Vec<(Option<usize>, Range<usize>)> {
    let mut parts: Vec<(Option<usize>, Range<usize>)> = Vec::new();
    for (at, letter) in text[range.clone()].char_indices() {
        let at = range.start + at;
        let end = at + letter.len_utf8();
        let face = fonts.letter(letter, weight).map(|letter| letter.face);
        match parts.last_mut() {
            // An invisible character joins the part before it.
            Some((last, part)) if *last == face || is_silent(letter) => {
                part.end = end;
                if last.is_none() && !is_silent(letter) {
                    *last = face;
                }
            }
            _ => parts.push((face, at..end)),
        }
    }
    parts
}

/// Lays out text by the font's own rules.
fn shaped(
    fonts: &Fonts,
    face: usize,
    text: &str,
    range: Range<usize>,
    to_the_left: bool,
    line: &mut TextLine,
) {
    let words = &text[range.clone()];
    let font = &fonts.faces[face];
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(words);
    buffer.guess_segment_properties();
    let direction = if to_the_left { Direction::RightToLeft } else { Direction::LeftToRight };
    buffer.set_direction(direction);
    let shaped = rustybuzz::shape(&font.face, &[], buffer);
    let infos = shaped.glyph_infos();
    let mut glyphs = Vec::with_capacity(infos.len());
    let mut width = 0.0;
    for (at, (info, position)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
        // A glyph's text reaches from its cluster to the next one, which may come before or after
        // it.
        let start = info.cluster as usize;
        let next = |others: &mut dyn Iterator<Item = &rustybuzz::GlyphInfo>| {
            others.map(|other| other.cluster as usize).find(|cluster| *cluster > start)
        };
        let end = match to_the_left {
            true => next(&mut infos[..at].iter().rev()),
            false => next(&mut infos[at..].iter()),
        };
        let advance = position.x_advance as f32 * font.unit;
        width += advance;
        glyphs.push(KrillaGlyph {
            glyph_id: GlyphId::new(info.glyph_id),
            text_range: start..end.unwrap_or(words.len()),
            x_advance: advance,
            x_offset: position.x_offset as f32 * font.unit,
            y_offset: position.y_offset as f32 * font.unit,
            y_advance: 0.0,
            location: None,
        });
    }
    line.runs.push(GlyphRun { face, text: range, glyphs, width });
}

/// A box for each character.
fn boxes(
    fonts: &Fonts,
    text: &str,
    range: Range<usize>,
    to_the_left: bool,
    weight: Weight,
    line: &mut TextLine,
) {
    let letters = text[range.clone()].char_indices().filter(|(_, letter)| !is_silent(*letter));
    let mut letters: Vec<_> = letters.collect();
    if to_the_left {
        letters.reverse();
    }
    for (at, letter) in letters {
        line.missing += 1;
        push(line, fonts.missing(weight), range.start + at, letter.len_utf8());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fonts() -> Fonts {
        Fonts::load().unwrap()
    }

    #[test]
    fn what_no_font_has_is_a_box_and_counted() {
        let fonts = fonts();
        let missing = |text: &str| line(&fonts, text, Weight::Regular).missing;
        assert_eq!(missing("Zoë, Наталья, محمد, שרה"), 0);
        assert_eq!(missing("山田 🦀"), 3);
        // A family emoji: three people and joiners.
        assert_eq!(missing("👩\u{200d}👩\u{200d}👧"), 3);
    }

    #[test]
    fn arabic_joins_and_runs_to_the_left() {
        let fonts = fonts();
        let one = line(&fonts, "محمد", Weight::Regular);
        assert_eq!(one.runs.len(), 1);
        let first = one.runs[0].glyphs.first().unwrap();
        assert_eq!(first.text_range.end, "محمد".len(), "the last letter is on the left");
        let apart: f32 = "محمد".chars().map(|c| fonts.advance(c, Weight::Regular)).sum();
        assert!(one.width() < apart, "joined letters are narrower");
        let both = line(&fonts, "a محمد b", Weight::Regular);
        let order: Vec<_> = both.runs.iter().map(|run| run.text.start).collect();
        assert!(order.is_sorted(), "words run to the right, letters to the left");
    }

    #[test]
    fn a_pair_of_marks_is_one_cluster() {
        let decomposed = line(&fonts(), "e\u{301}!", Weight::Regular);
        let glyphs = &decomposed.runs[0].glyphs;
        assert_eq!(glyphs.first().unwrap().text_range, 0.."e\u{301}".len());
    }

    proptest! {
        #[test]
        fn every_text_can_be_set(text in "[^\r\n]{0,40}") {
            let line = line(&fonts(), &text, Weight::Regular);
            for run in &line.runs {
                let words = &text[run.text.clone()];
                for glyph in &run.glyphs {
                    prop_assert!(words.get(glyph.text_range.clone()).is_some());
                    prop_assert!(!glyph.text_range.is_empty());
                }
            }
            prop_assert!(line.width() >= 0.0);
        }
    }
}
