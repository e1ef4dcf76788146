"""Takes uap-core's patterns out of PyPI's wheel: `read.py WHEEL` prints them as JSON.

Of browsers and operating systems alone, and of those only what names the family. The wheel's
Python is parsed and its literals are read; none of it is run.
"""

import ast
import json
import sys
import zipfile


def patterns(listed, name, replacement):
    for call in listed.elts:
        if call.func.id != name or call.keywords:
            sys.exit(f"line {call.lineno} is no plain {name}")
        regex, *more = (ast.literal_eval(argument) for argument in call.args)
        family = {replacement: more[0]} if more and more[0] else {}
        yield {"regex": regex} | family


with zipfile.ZipFile(sys.argv[1]) as wheel:
    module = ast.parse(wheel.read("ua_parser_builtins/matchers.py"))
    revision = wheel.read("REVISION").decode().strip()
    metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    month = metadata.split(".")[0].rpartition("-")[2]

# MATCHERS: Tuple[…] = ([browsers], [systems], [devices])
(matchers,) = (node.value for node in module.body if isinstance(node, ast.AnnAssign))
browsers, systems, _ = matchers.elts

json.dump(
    {
        "date": f"{month[:4]}-{month[4:]}",
        "revision": revision,
        "user_agent_parsers": list(patterns(browsers, "UserAgentMatcher", "family_replacement")),
        "os_parsers": list(patterns(systems, "OSMatcher", "os_replacement")),
    },
    sys.stdout,
    indent=0,
)
