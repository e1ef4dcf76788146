//! Page layout.

use super::super::head::{Head, thousands};
use super::fonts::{Fonts, Weight, is_silent};
use super::paper::{GROUND, INK, MUTED, Paper, Style};
use super::picture::Picture;
use super::table::{ABOVE, Columns, LEADING, Row, SIDE, SIZE, pages, wrapped};
use crate::Error;
use chrono::{Datelike as _, Timelike as _};
use domain::reports::Column;
use krilla::Document;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use std::io;

/// A4 in landscape format; portrait for narrow tables.
const A4: (f32, f32) = (841.89, 595.28);
const MARGIN: f32 = 36.0;
/// Distance of the footer's baseline from the bottom edge, and where the table must end.
const FOOT: f32 = 22.0;
const BOTTOM: f32 = 40.0;
/// Height of what follow-up pages have above the table.
const AGAIN: f32 = 16.0;
/// Where the values in the head begin.
const VALUES: f32 = 92.0;

const TITLE: Style = Style { size: 17.0, weight: Weight::Strong, colour: INK };
const BODY: Style = Style { size: SIZE, weight: Weight::Regular, colour: INK };
const NAMES: Style = Style { weight: Weight::Strong, ..BODY };
const HEAD: Style = Style { size: 8.5, ..BODY };
const QUIET: Style = Style { colour: MUTED, ..BODY };

/// Everything computed before the first page is drawn.
struct Plan<'a> {
    fonts: &'a Fonts,
    columns: &'a [Column],
    table: Columns,
    head: &'a Head,
    /// Wrapped lines of the head: name (empty on continuation lines) and value.
    lines: Vec<(&'static str, String)>,
    picture: Option<&'a Picture>,
    heights: Vec<f32>,
    notes: Vec<String>,
    size: (f32, f32),
}

pub(super) fn set(
    columns: &[Column],
    head: &Head,
    picture: Option<&Picture>,
    rows: &[Row],
) -> Result<Vec<u8>, Error> {
    let fonts = Fonts::load()?;
    let plan = Plan::new(&fonts, columns, head, picture, rows);
    let all = plan.header() + plan.after_notes();
    let first = plan.size.1 - BOTTOM - plan.top() - all + plan.after_notes();
    let others = plan.size.1 - BOTTOM - MARGIN - AGAIN - plan.header();
    let mut parts = pages(&plan.heights, first, others);
    // The notes are below the last row, or on an extra page if there is no room.
    let (last, one) = (parts.last().cloned().unwrap_or(0..0), parts.len() == 1);
    let used: f32 = plan.heights[last].iter().sum();
    if used + plan.after_notes() > if one { first } else { others } {
        parts.push(rows.len()..rows.len());
    }
    let mut document = Document::new();
    document.set_metadata(metadata(head));
    let settings = PageSettings::from_wh(plan.size.0, plan.size.1)
        .ok_or_else(|| Error::Report(io::Error::other("no such paper")))?;
    let count = parts.len();
    for (at, part) in parts.into_iter().enumerate() {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        let mut paper = Paper { surface: &mut surface, fonts: &fonts };
        let mut y = if at == 0 { plan.draw_head(&mut paper) } else { plan.draw_again(&mut paper) };
        let start = part.start;
        if !part.is_empty() || at == 0 {
            y = plan.draw_rows(&mut paper, y, &rows[part], &plan.heights[start..]);
        }
        if at + 1 == count {
            plan.draw_notes(&mut paper, y);
        }
        plan.draw_foot(&mut paper, at + 1, count);
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| Error::Report(io::Error::other(format!("{error:?}"))))
}

/// The document's metadata; its time is that of the question, so that the same question gives the
/// same file.
fn metadata(head: &Head) -> Metadata {
    let part = |value: u32| u8::try_from(value).unwrap_or(0);
    let time = head.as_of;
    let date = DateTime::new(u16::try_from(time.year()).unwrap_or(2000))
        .month(part(time.month()))
        .day(part(time.day()))
        .hour(part(time.hour()))
        .minute(part(time.minute()))
        .second(part(time.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let words: Vec<_> = head.lines.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    Metadata::new()
        .title(head.title.to_owned())
        .description(words.join(". "))
        .creator("Tollwarden".to_owned())
        .language("en".to_owned())
        .creation_date(date)
}

impl<'a> Plan<'a> {
    fn new(
        fonts: &'a Fonts,
        columns: &'a [Column],
        head: &'a Head,
        picture: Option<&'a Picture>,
        rows: &[Row],
    ) -> Self {
        let (long, short) = A4;
        let standing = Columns::new(fonts, columns, rows, f32::INFINITY).width();
        let size = if standing <= short - 2.0 * MARGIN { (short, long) } else { (long, short) };
        let room = size.0 - 2.0 * MARGIN;
        let table = Columns::new(fonts, columns, rows, room);
        let mut cut = 0;
        let mut heights = Vec::with_capacity(rows.len());
        for row in rows {
            let (height, of_row) = table.height(fonts, row);
            heights.push(height);
            cut += of_row;
        }
        let mut lines = Vec::new();
        for (name, value) in &head.lines {
            let room = (room - VALUES) / HEAD.size;
            let mut name = *name;
            for range in wrapped(fonts, value, HEAD.weight, room) {
                lines.push((std::mem::take(&mut name), value[range].to_owned()));
            }
        }
        let notes = notes(fonts, rows, cut);
        Self { fonts, columns, table, head, lines, picture, heights, notes, size }
    }

    fn room(&self) -> f32 {
        self.size.0 - 2.0 * MARGIN
    }

    /// The height of the table's header.
    fn header(&self) -> f32 {
        LEADING + 2.0 * ABOVE + 1.0
    }

    /// The height above the table on the first page, including the margin.
    fn top(&self) -> f32 {
        let picture = self.picture.map_or(0.0, |picture| picture.height(self.room()) + 14.0);
        // There are few lines.
        MARGIN + 24.0 + self.lines.len() as f32 * 12.0 + 10.0 + picture
    }

    fn after_notes(&self) -> f32 {
        8.0 + self.notes.len() as f32 * 11.0
    }

    /// Draws title, facts about the rows and the chart; returns where the table begins.
    fn draw_head(&self, paper: &mut Paper<'_, '_>) -> f32 {
        paper.text(MARGIN, MARGIN + 13.0, TITLE, self.head.title);
        let mut y = MARGIN + 24.0;
        for (name, value) in &self.lines {
            y += 12.0;
            let quiet = Style { colour: MUTED, ..HEAD };
            paper.text(MARGIN, y - 3.0, quiet, name);
            paper.text(MARGIN + VALUES, y - 3.0, HEAD, value);
        }
        y += 10.0;
        if let Some(picture) = self.picture {
            picture.draw(paper, MARGIN, y, self.room());
            y += picture.height(self.room()) + 14.0;
        }
        y
    }

    /// Draws the top of a follow-up page.
    fn draw_again(&self, paper: &mut Paper<'_, '_>) -> f32 {
        paper.text(MARGIN, MARGIN + 6.0, QUIET, self.head.title);
        MARGIN + AGAIN
    }

    /// Draws the table's header and some rows; returns where they end.
    fn draw_rows(&self, paper: &mut Paper<'_, '_>, top: f32, rows: &[Row], heights: &[f32]) -> f32 {
        let mut y = top;
        paper.rectangle(MARGIN, y, self.table.width(), self.header() - 1.0, GROUND);
        self.cells(paper, y, NAMES, self.columns.iter().map(|column| vec![column.name]));
        y += self.header();
        for (row, height) in rows.iter().zip(heights) {
            let cells = row.iter().enumerate();
            let cells = cells.map(|(at, text)| self.table.cell(self.fonts, at, text));
            let cells: Vec<_> = cells.collect();
            for (at, (lines, cut)) in cells.iter().enumerate() {
                if let (true, Some(last)) = (*cut, lines.last()) {
                    // There is room after the last line: it was broken earlier.
                    let x = self.left(at) + SIDE;
                    let length = self.fonts.measure(last, BODY.weight) * BODY.size;
                    let below = (lines.len() - 1) as f32 * LEADING;
                    paper.text(x + length, y + ABOVE + 7.4 + below, BODY, "…");
                }
            }
            self.cells(paper, y, BODY, cells.into_iter().map(|(lines, _)| lines));
            y += height;
            paper.rule(MARGIN, y - 0.5, self.table.width());
        }
        y
    }

    fn left(&self, at: usize) -> f32 {
        MARGIN + self.table.widths[..at].iter().sum::<f32>()
    }

    fn cells<'t>(
        &self,
        paper: &mut Paper<'_, '_>,
        top: f32,
        style: Style,
        cells: impl Iterator<Item = Vec<&'t str>>,
    ) {
        for (at, lines) in cells.enumerate() {
            let (Some(column), Some(width)) = (self.columns.get(at), self.table.widths.get(at))
            else {
                continue;
            };
            let left = self.left(at);
            let mut y = top + ABOVE + 7.4;
            for line in lines {
                if column.kind.is_number() {
                    paper.text_up_to(left + width - SIDE, y, style, line);
                } else {
                    paper.text(left + SIDE, y, style, line);
                }
                y += LEADING;
            }
        }
    }

    fn draw_notes(&self, paper: &mut Paper<'_, '_>, top: f32) {
        let mut y = top + 8.0;
        for note in &self.notes {
            y += 11.0;
            paper.text(MARGIN, y - 3.0, QUIET, note);
        }
    }

    fn draw_foot(&self, paper: &mut Paper<'_, '_>, page: usize, pages: usize) {
        let y = self.size.1 - FOOT;
        paper.text(MARGIN, y, QUIET, &format!("Tollwarden – {}", self.head.name));
        let (page, pages) = (thousands(page as u64), thousands(pages as u64));
        let words = format!("Page {page} of {pages}");
        paper.text_up_to(self.size.0 - MARGIN, y, QUIET, &words);
    }
}

/// The notes below the last row.
fn notes(fonts: &Fonts, rows: &[Row], cut: u64) -> Vec<String> {
    let letters = rows.iter().flatten().flat_map(|cell| cell.chars());
    let missing = letters
        .filter(|letter| !letter.is_control() && !is_silent(*letter))
        .filter(|letter| fonts.letter(*letter, Weight::Regular).is_none())
        .count() as u64;
    let some = |count: u64, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{} {more}", thousands(count)),
    };
    let mut notes = vec![match rows.len() as u64 {
        0 => "No rows match.".to_owned(),
        count => format!("{}.", some(count, "row", "rows")),
    }];
    if cut > 0 {
        let cells = some(cut, "cell is", "cells are");
        notes.push(format!("{cells} cut and ends with “…”; csv, json and xlsx contain all of it."));
    }
    if missing > 0 {
        let letters = some(missing, "character is", "characters are");
        notes.push(format!(
            "{letters} shown as a box: no built-in font has it; csv, json and xlsx contain it \
             unchanged."
        ));
    }
    notes
}
