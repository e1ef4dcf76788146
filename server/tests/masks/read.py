"""Prints the text of files, one after another: what stands in workbooks (zip) and documents (pdf).

usage: read.py FILE...
"""
import re
import subprocess
import sys
import zipfile

for path in sys.argv[1:]:
    print(f"\n=== {path}")
    if path.endswith(".xlsx"):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.endswith(".xml"):
                    text = book.read(name).decode("utf-8", "replace")
                    print(re.sub(r"<[^>]*>", "\n", text))
    else:
        # Lines of a cell end where they end: what is broken there is put together again.
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
        print(text.decode("utf-8", "replace"))
