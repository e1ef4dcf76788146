//! The fonts: Inter for Latin, Greek and Cyrillic, DejaVu Sans for what Inter lacks (Arabic,
//! Hebrew, Armenian, Georgian, symbols). Characters in neither are shown as a box, and counted.

use crate::Error;
use krilla::text::Font;
use rustybuzz::ttf_parser::Tag;
use rustybuzz::{Feature, UnicodeBuffer};
use std::cell::RefCell;
use std::collections::HashMap;

/// Inter and DejaVu Sans from npm packages, embedded so that one file is enough.
const REGULAR: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../assets/node_modules/@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"
));
const STRONG: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../assets/node_modules/@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"
));
const FALLBACK: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../assets/node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf"
));

/// Whether a character is invisible and has no width: joiners, selectors, direction marks.
pub(super) fn is_silent(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Strong,
}

pub(super) struct Face {
    pub(super) font: Font,
    pub(super) face: rustybuzz::Face<'static>,
    /// Size of a font unit, in ems.
    pub(super) unit: f32,
    /// Glyph and advance of each ASCII character.
    ascii: Vec<Option<PlacedGlyph>>,
}

/// A character's glyph and its advance, in ems.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlacedGlyph {
    pub(super) face: usize,
    pub(super) glyph: u32,
    pub(super) advance: f32,
}

/// All fonts, with a cache of the glyphs found in them.
pub(super) struct Fonts {
    pub(super) faces: [Face; 3],
    found: RefCell<HashMap<(usize, char), Option<PlacedGlyph>>>,
}

/// Index of the fallback font in [`Fonts::faces`].
const PLACE_OF_FALLBACK: usize = 2;

impl Weight {
    fn place(self) -> usize {
        match self {
            Self::Regular => 0,
            Self::Strong => 1,
        }
    }
}

impl Face {
    fn load(data: &'static [u8], place: usize) -> Result<Self, Error> {
        let broken =
            || Error::Report(std::io::Error::other("a font that is built in cannot be read"));
        let font = Font::new(data.into(), 0).ok_or_else(broken)?;
        let face = rustybuzz::Face::from_slice(data, 0).ok_or_else(broken)?;
        let unit = 1.0 / font.units_per_em();
        let mut loaded = Self { font, face, unit, ascii: Vec::new() };
        loaded.ascii = (0..128_u8).map(|byte| loaded.find(char::from(byte), place)).collect();
        // Digits of equal width, so that they align in columns.
        if let Some(Some(digits)) =
            loaded.ascii.get_mut(usize::from(b'0')..=usize::from(b'9')).map(Some)
        {
            let mut buffer = UnicodeBuffer::new();
            buffer.push_str("0123456789");
            let even = [Feature::new(Tag::from_bytes(b"tnum"), 1, ..)];
            let shaped = rustybuzz::shape(&loaded.face, &even, buffer);
            let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
            if shaped.len() == digits.len() {
                for (digit, (info, position)) in digits.iter_mut().zip(glyphs) {
                    let advance = position.x_advance as f32 * unit;
                    *digit = Some(PlacedGlyph { face: place, glyph: info.glyph_id, advance });
                }
            }
        }
        Ok(loaded)
    }

    /// A character's glyph in a font, if it has one.
    fn find(&self, letter: char, place: usize) -> Option<PlacedGlyph> {
        let glyph = self.face.glyph_index(letter)?;
        let advance = f32::from(self.face.glyph_hor_advance(glyph)?) * self.unit;
        Some(PlacedGlyph { face: place, glyph: u32::from(glyph.0), advance })
    }
}

impl Fonts {
    pub(super) fn load() -> Result<Self, Error> {
        let faces = [
            Face::load(REGULAR, 0)?,
            Face::load(STRONG, 1)?,
            Face::load(FALLBACK, PLACE_OF_FALLBACK)?,
        ];
        Ok(Self { faces, found: RefCell::default() })
    }

    /// A character's glyph in the first font that has it.
    pub(super) fn letter(&self, letter: char, weight: Weight) -> Option<PlacedGlyph> {
        let place = weight.place();
        if letter.is_ascii() {
            return self.faces[place].ascii[letter as usize];
        }
        *self.found.borrow_mut().entry((place, letter)).or_insert_with(|| {
            let in_face = |place: usize| self.faces[place].find(letter, place);
            in_face(place).or_else(|| in_face(PLACE_OF_FALLBACK))
        })
    }

    /// The box for characters that no font has. It is not the font's own missing-glyph sign: that
    /// is glyph 0, which programs ignore when they extract text.
    pub(super) fn missing(&self, weight: Weight) -> PlacedGlyph {
        let none = PlacedGlyph { face: weight.place(), glyph: 0, advance: 0.6 };
        self.letter('□', weight).unwrap_or(none)
    }

    /// A character's advance in ems; 0 for marks and joiners.
    pub(super) fn advance(&self, letter: char, weight: Weight) -> f32 {
        if is_silent(letter) {
            return 0.0;
        }
        self.letter(letter, weight).unwrap_or_else(|| self.missing(weight)).advance
    }

    /// The width of a text in ems, added up by characters.
    pub(super) fn measure(&self, text: &str, weight: Weight) -> f32 {
        text.chars().map(|letter| self.advance(letter, weight)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_equally_wide() {
        let fonts = Fonts::load().unwrap();
        for weight in [Weight::Regular, Weight::Strong] {
            let widths: Vec<_> = ('0'..='9').map(|digit| fonts.advance(digit, weight)).collect();
            assert!(widths.iter().all(|width| *width == widths[0] && *width > 0.0), "{widths:?}");
        }
    }

    #[test]
    fn scripts_have_their_glyphs() {
        let fonts = Fonts::load().unwrap();
        for text in ["Zoë Ångström", "Ελένη", "Наталья", "محمد", "שרה", "Դավիթ", "→ • … –"]
        {
            for letter in text.chars() {
                assert!(fonts.letter(letter, Weight::Regular).is_some(), "{letter} of {text}");
            }
        }
        for letter in ['山', '🦀', '김'] {
            assert_eq!(fonts.letter(letter, Weight::Regular), None);
        }
        assert!(fonts.missing(Weight::Strong).glyph > 0);
    }
}
