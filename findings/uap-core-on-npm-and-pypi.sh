#!/usr/bin/env bash
# uap-core: the newest packages on npm and on PyPI give the same browsers different names.
#
# Versions: uap-core 0.18.0 (npm, its newest), ua-parser 1.0.2 and ua-parser-builtins 202610 (PyPI);
#   Python 3.11, Node.js 20.
# Expected: two packages with the patterns of one project, each the newest in its registry, give a
#   browser the same name, so that figures from a server and from a notebook can be compared.
# Behaviour: npm has 350 browser patterns, PyPI has 433. A sign-in inside TikTok is "Chrome Mobile
#   WebView" with npm's patterns and "TikTok" with PyPI's; one inside WeChat is "Mobile Safari
#   UI/WKWebView" and "WeChat Browser". Phone sign-ins come mostly from such browsers.
# Exits with 0 while this is the case, and with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --target python ua-parser==1.0.2 ua-parser-builtins==202610 pyyaml==6.0.3
npm install --silent --no-audit --no-fund --prefix . uap-core@0.18.0

cat >read.py <<'EOF'
from ua_parser import Parser, loaders
from ua_parser.basic import Resolver

npm = loaders.load_yaml("node_modules/uap-core/regexes.yaml")
pypi = loaders.load_builtins()
print(len(npm[0]), len(pypi[0]))
for agent in (
    "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230901.001; wv) AppleWebKit/537.36 (KHTML,"
    " like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 trill_320403 JsSdk/1.0"
    " NetType/WIFI Channel/googleplay AppName/musical_ly app_version/32.4.3",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/15E148 MicroMessenger/8.0.42(0x18002a2f) NetType/WIFI Language/en",
):
    names = [Parser(Resolver(data)).parse_user_agent(agent).family for data in (npm, pypi)]
    print(" | ".join(names))
EOF
seen=$(PYTHONPATH=python python3 read.py)
want='350 433
Chrome Mobile WebView | TikTok
Mobile Safari UI/WKWebView | WeChat Browser'
echo "$seen"
[[ $seen == "$want" ]] || { echo "changed" >&2; exit 1; }
