"""Reads every cell of reports back and compares it with the JSON report.

usage: read.py DIR: for each NAME.json in DIR there are NAME.csv, NAME.xlsx and NAME.pdf, of the
same question. Prints what differs and exits with 1.
"""
import csv
import datetime
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import openpyxl

wrong = []
COUNTS = {"count", "sent", "verified", "seq"}
TIMES = {"time", "bucket", "until", "since", "ended"}
# Where a text may be longer than a document's cell.
LONG = {"before", "after"}


def fail(*words):
    wrong.append(" ".join(str(word) for word in words))


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


def shown(name, value):
    """A cell as CSV and PDF write it."""
    if value is None:
        return ""
    return f"{value:.4f}" if name == "rate" else str(value)


def from_csv(folder, report, columns, rows):
    with open(folder / f"{report}.csv", newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    if found[0] != columns:
        fail(report, "csv header", found[0])
    if len(found) != len(rows) + 1:
        fail(report, "csv rows", len(found) - 1, "of", len(rows))
    for at, (cells, row) in enumerate(zip(found[1:], rows)):
        for name, cell in zip(columns, cells, strict=True):
            expected = shown(name, row[name])
            if expected[:1] and expected[0] in "=+-@\t\r":
                expected = "'" + expected
            if cell != expected:
                fail(report, "csv", at, name, repr(cell), "is not", repr(expected))


def from_xlsx(folder, report, columns, rows):
    book = openpyxl.load_workbook(folder / f"{report}.xlsx")
    sheet, about = book[report], book["About"]
    if sheet.freeze_panes != "A2" or not sheet.cell(1, 1).font.bold:
        fail(report, "xlsx: the header is not frozen and bold")
    found = list(sheet.iter_rows())
    if [cell.value for cell in found[0]] != columns:
        fail(report, "xlsx header", [cell.value for cell in found[0]])
    if len(found) != len(rows) + 1:
        fail(report, "xlsx rows", len(found) - 1, "of", len(rows))
    for at, (cells, row) in enumerate(zip(found[1:], rows)):
        for name, cell in zip(columns, cells, strict=True):
            value = row[name]
            if value in (None, ""):
                same = cell.value is None
            elif name in TIMES:
                same = isinstance(cell.value, datetime.datetime) and abs(
                    cell.value - moment(value)
                ) < datetime.timedelta(milliseconds=1)
            elif name in COUNTS:
                same = cell.data_type == "n" and cell.value == value
            elif name == "rate":
                same = cell.data_type == "n" and abs(cell.value - value) < 1e-9
            else:
                same = cell.data_type in ("s", "inlineStr") and cell.value == value
            if not same:
                fail(report, "xlsx", at, name, repr(cell.value), "is not", repr(value))
    told = {row[0].value: row[1].value for row in about.iter_rows()}
    for name in ("Title", "From", "To (not included)", "Filters", "As of", "Exported by"):
        if not told.get(name):
            fail(report, "xlsx: About lacks", name)
    if told.get("Rows") != f"{len(rows):,}":
        fail(report, "xlsx: About has rows", told.get("Rows"))
    for column in sheet.column_dimensions.values():
        if not 8 <= column.width <= 62:
            fail(report, "xlsx: a column is", column.width, "wide")


def words_of(path):
    """Pages of words: where they stand and what they say."""
    out = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    # Characters that XML 1.0 has no place for do not stand in it.
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", out.stdout.decode("utf-8", "replace"))
    space = "{http://www.w3.org/1999/xhtml}"
    pages = []
    for page in xml.fromstring(text).iter(f"{space}page"):
        at = lambda word, name: float(word.get(name))
        pages.append(
            [
                (at(word, "xMin"), at(word, "yMin"), at(word, "xMax"), word.text or "")
                for word in page.iter(f"{space}word")
            ]
        )
    return pages


def header_of(words, columns):
    words = sorted(words, key=lambda word: (round(word[1], 1), word[0]))
    for at in range(len(words) - len(columns) + 1):
        part = words[at : at + len(columns)]
        if [word[3] for word in part] == columns and max(w[1] for w in part) - min(w[1] for w in part) < 1:
            return part
    return None


def is_left(letter):
    return "\u0590" <= letter <= "\u08ff" or "\ufb1d" <= letter <= "\ufefc"


def bare(text):
    """A text without spaces and without letters that run to the left."""
    return "".join(c for c in text if not c.isspace() and not is_left(c) and c not in "\u200e\u200f\u202a\u202b\u202c")


def lefts(text):
    return sorted(c for c in text if is_left(c))


def from_pdf(folder, report, columns, rows):
    path = folder / f"{report}.pdf"
    pages = words_of(path)
    texts = {name: [] for name in columns}
    for number, words in enumerate(pages):
        joined = " ".join(word[3] for word in words)
        if f"Page {number + 1} of {len(pages)}" not in joined:
            fail(report, "pdf: page", number + 1, "does not say which it is")
        header = header_of(words, columns)
        if header is None:
            if number + 1 < len(pages) or rows and len(pages) == 1:
                fail(report, "pdf: page", number + 1, "has no header")
            continue
        top = header[0][1]
        # Below the table, words stand at the margin; in it, further in.
        ends = [word[1] for word in words if word[1] > top + 1 and abs(word[0] - 36) < 0.6]
        inside = [word for word in words if top + 1 < word[1] < min(ends) - 0.5]
        by_column = {name: [] for name in columns}
        for word in inside:
            of = None
            for name, head in zip(columns, header):
                if name in COUNTS or name == "rate":
                    if abs(word[2] - head[2]) < 1:
                        of = name
                        break
                elif head[0] - 1 <= word[0]:
                    of = name
            if of is None:
                fail(report, "pdf: outside the columns:", word)
            else:
                by_column[of].append(word)
        for name, of in by_column.items():
            of.sort(key=lambda word: (round(word[1]), word[0]))
            texts[name].extend(word[3] for word in of)
    for name in columns:
        found = "".join(texts[name])
        expected = "".join(shown(name, row[name]) for row in rows)
        if name in LONG and bare(found) != bare(expected):
            if "…" not in found:
                fail(report, "pdf", name, "is neither whole nor cut")
            continue
        if lefts(expected) and sorted(bare(found)) == sorted(bare(expected)):
            # What stands beside letters that run to the left changes its place with them.
            continue
        if bare(found) != bare(expected):
            at = next((i for i, (a, b) in enumerate(zip(bare(found), bare(expected))) if a != b), -1)
            around = slice(max(at - 30, 0), at + 30)
            fail(report, "pdf", name, repr(bare(found)[around]), "is not", repr(bare(expected)[around]))
        if lefts(found) != lefts(expected):
            fail(report, "pdf", name, "letters to the left differ", lefts(found)[:40], lefts(expected)[:40])
    fonts = subprocess.run(["pdffonts", path], capture_output=True, check=True, text=True)
    for line in fonts.stdout.splitlines()[2:]:
        if not re.search(r"\byes yes yes\b", line):
            fail(report, "pdf: a font is not embedded, cut down and mapped:", line)
    first = " ".join(word[3] for word in pages[0])
    for name in ("From", "Filters", "As of", "Exported by"):
        if name not in first:
            fail(report, "pdf: the head lacks", name)


def main():
    folder = pathlib.Path(sys.argv[1])
    asked = json.loads((folder / "columns").read_text())
    for report, columns in asked.items():
        rows = json.loads((folder / f"{report}.json").read_text(encoding="utf-8"))
        for row in rows:
            if list(row) != columns:
                fail(report, "json names", list(row))
                break
        from_csv(folder, report, columns, rows)
        from_xlsx(folder, report, columns, rows)
        from_pdf(folder, report, columns, rows)
        print(report, len(rows))
    for line in wrong[:40]:
        print(line)
    sys.exit(1 if wrong else 0)


main()
