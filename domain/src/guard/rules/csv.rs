//! Number rules and prices as tables, for pasting, uploads and downloads.

use super::check::EVEN_INVALID_ALLOWED;
use super::{
    Any, Mode, NUMBER_RULES_MAX, NumberAction, NumberRule, Numbers, PRICES_MAX, Price, PriceTo,
};
use crate::blocks::{reason, until};
use crate::sheet::{Sheet, cells, without_mark, wrong_header};
use crate::{Channel, Fault, Invalid};
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::HashMap;
use std::str::FromStr;

/// Reads a price table with one `to,channel,amount` per line and an optional header; cells are
/// separated by commas, semicolons or tabs. An empty channel means every channel.
///
/// # Errors
/// For each invalid line, in field `line N`; no line is accepted then.
pub fn read_prices(text: &str) -> Result<Vec<Price>, Invalid> {
    let mut seen: HashMap<(PriceTo, Any<Channel>), usize> = HashMap::new();
    rows(text, &["to", "channel", "amount"], PRICES_MAX, |line, [to, channel, amount]| {
        let channel = if channel.is_empty() { "*" } else { channel };
        let price = Price {
            to: word("to", to)?,
            channel: Any::<Channel>::try_from(channel.to_lowercase())
                .map_err(|error| ("channel", error))?,
            amount: word("amount", amount)?,
        };
        match seen.insert((price.to.clone(), price.channel), line) {
            Some(first) => Err((
                "to",
                format!("{} by {} has a price in line {first}", price.to, price.channel),
            )),
            None => Ok(price),
        }
    })
}

/// The price table in the format of [`read_prices`], with a header.
pub fn prices_csv(prices: &[Price]) -> String {
    let mut out = String::from("to,channel,amount\n");
    for Price { to, channel, amount } in prices {
        out.push_str(&format!("{to},{channel},{amount}\n"));
    }
    out
}

/// Reads number rules with one `numbers,action,until,reason,mode,even_invalid` per line and an
/// optional header. Only the first cell is required if `otherwise` supplies the others.
///
/// # Errors
/// For each invalid line, in field `line N`; no line is accepted then.
pub fn read_number_rules(
    text: &str,
    otherwise: NumberAction,
    why: &str,
    now: DateTime<Utc>,
) -> Result<Vec<NumberRule>, Invalid> {
    let mut seen: HashMap<Numbers, usize> = HashMap::new();
    let columns = ["numbers", "action", "until", "reason", "mode", "even_invalid"];
    rows(text, &columns, NUMBER_RULES_MAX, |line, cells| {
        let [numbers, action, end, because, mode, even] = cells;
        // Numbers alone, as in a bulleted list.
        let alone = cells.iter().filter(|cell| !cell.is_empty()).count() == 1;
        let numbers = if alone { without_mark(numbers) } else { numbers };
        let rule = NumberRule {
            numbers: word("numbers", numbers)?,
            action: if action.is_empty() {
                otherwise
            } else {
                word("action", &action.to_lowercase())?
            },
            even_invalid: match even.trim() {
                "" => false,
                text => word("even_invalid", &text.to_lowercase())?,
            },
            until: until(end, now).map_err(|invalid| ("until", first(&invalid)))?,
            mode: if mode.is_empty() { Mode::Enforce } else { word("mode", &mode.to_lowercase())? },
            reason: match if because.is_empty() { why } else { because.as_str() } {
                "" => String::new(),
                text => reason(text).map_err(|invalid| ("reason", first(&invalid)))?,
            },
            by: None,
            at: None,
        };
        if rule.even_invalid && rule.action == NumberAction::Deny {
            return Err(("even_invalid", EVEN_INVALID_ALLOWED.to_owned()));
        }
        match seen.insert(rule.numbers, line) {
            Some(before) => {
                Err(("numbers", format!("{} has a rule in line {before}", rule.numbers)))
            }
            None => Ok(rule),
        }
    })
}

/// Number rules in the format of [`read_number_rules`], with a header.
pub fn number_rules_csv(rules: &[NumberRule]) -> String {
    let mut out = String::from("numbers,action,until,reason,mode,even_invalid\n");
    for rule in rules {
        let until = rule.until.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let reason = rule.reason.replace('"', "\"\"");
        // A spreadsheet would take a leading plus sign for a formula.
        out.push_str(&format!(
            "'{},{},{},\"{reason}\",{},{}\n",
            rule.numbers,
            rule.action,
            until.unwrap_or_default(),
            rule.mode,
            if rule.even_invalid { "true" } else { "" }
        ));
    }
    out
}

type CellError = (&'static str, String);

fn word<T: FromStr>(column: &'static str, text: &str) -> Result<T, CellError>
where
    T::Err: std::fmt::Display,
{
    text.trim().parse().map_err(|error: T::Err| (column, format!("{text:?} {error}")))
}

fn first(invalid: &Invalid) -> String {
    invalid.fields.first().map(|error| error.message.clone()).unwrap_or_default()
}

/// Number of cells up to the last non-empty one.
fn filled(cells: &[String]) -> usize {
    cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
}

fn rows<T, const N: usize>(
    text: &str,
    columns: &[&str; N],
    most: usize,
    mut read: impl FnMut(usize, &[String; N]) -> Result<T, CellError>,
) -> Result<Vec<T>, Invalid> {
    let Sheet { comma, rows: lines } = Sheet::read(text);
    let first = lines.first().and_then(|(_, row)| cells(row, comma));
    let header = first.as_ref().and_then(|cells| {
        let at = |name: &&str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        at(columns.first()?)?;
        Some(columns.iter().map(at).collect::<Vec<_>>())
    });
    let wrong = first.filter(|_| header.is_some()).and_then(|names| wrong_header(&names, columns));
    if let Some(words) = wrong {
        let line = lines.first().map_or(1, |(line, _)| *line);
        return Err(Invalid::one(&format!("line {line}"), Fault::UnknownField, words));
    }
    let mut rows = Vec::new();
    let mut invalid = Invalid::default();
    for (line_number, line) in lines.into_iter().skip(usize::from(header.is_some())) {
        let row = match cells(line, comma) {
            None => Err(("", "a quotation mark is not closed".to_owned())),
            Some(cells) if header.is_none() && filled(&cells) > columns.len() => {
                Err(("", format!("has {} columns; there are {}", cells.len(), columns.join(", "))))
            }
            Some(cells) => {
                let place = |at: usize| match &header {
                    Some(places) => places.get(at).copied().flatten(),
                    None => Some(at),
                };
                let cell = |at| place(at).and_then(|at| cells.get(at)).cloned().unwrap_or_default();
                read(line_number, &std::array::from_fn(cell))
            }
        };
        match row {
            Ok(row) => rows.push(row),
            Err((column, words)) => {
                let colon = if column.is_empty() { "" } else { ": " };
                let words = format!("{column}{colon}{words}");
                invalid.push(&format!("line {line_number}"), Fault::InvalidValue, words);
            }
        }
        // The whole table is refused anyway.
        if rows.len() > most || invalid.fields.len() >= 100 {
            break;
        }
    }
    if rows.len() > most {
        invalid.push("", Fault::TooLarge, format!("at most {most} lines are allowed"));
    }
    invalid.or(rows)
}
