#!/usr/bin/env bash
# The ports of libphonenumber disagree on which scripts a number may be written in.
#
# Versions: phonenumbers 9.0.43 (PyPI), google-libphonenumber 3.2.47 and libphonenumber-js 1.13.16
#   (npm); Python 3.11, Node.js 20.
# Expected: a number typed in the digits of another language is parsed in the same way by the web
#   page (JavaScript) and by the server (Python). All three libraries are ports of one library and
#   use the same metadata.
# Behaviour: all three parse full-width digits and Arabic digits. Devanagari digits, which Hindi
#   keyboards produce, are parsed in Python and refused by both JavaScript libraries. A full-width
#   plus sign, which Japanese keyboards produce, is parsed by two and refused by libphonenumber-js.
#   If a form uses one library and the server another, such users are refused, or one side accepts
#   input that the other refuses.
# Exits with 0 while this is the case, and with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --target python phonenumbers==9.0.43
npm install --silent --no-audit --no-fund --prefix . \
  google-libphonenumber@3.2.47 libphonenumber-js@1.13.16

cat >texts.json <<'EOF'
["+\uff11\uff14\uff11\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
 "+\u0661\u0664\u0661\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
 "+\u0967\u096a\u0967\u096b\u096b\u096b\u0966\u0967\u0968\u0969",
 "\uff0b1415550123"]
EOF
cat >read.py <<'EOF'
import json
import phonenumbers

for text in json.load(open("texts.json")):
    try:
        print("read" if phonenumbers.parse(text).national_number == 415550123 else "other")
    except phonenumbers.NumberParseException:
        print("refused")
EOF
cat >read.js <<'EOF'
const { PhoneNumberUtil } = require('google-libphonenumber')
const { parsePhoneNumberWithError } = require('libphonenumber-js/max')
const util = PhoneNumberUtil.getInstance()
const judged = (read) => {
  try {
    return String(read()) === '415550123' ? 'read' : 'other'
  } catch {
    return 'refused'
  }
}
for (const text of require('./texts.json')) {
  const google = judged(() => util.parse(text).getNationalNumber())
  console.log(google, judged(() => parsePhoneNumberWithError(text).nationalNumber))
}
EOF
said=$(paste -d' ' <(printf '%s\n' full-width-digits arabic-digits devanagari-digits full-width-plus) \
  <(PYTHONPATH=python python3 read.py) <(node read.js))
echo "written in: phonenumbers google-libphonenumber libphonenumber-js"
echo "$said"
expected="full-width-digits read read read
arabic-digits read read read
devanagari-digits read refused refused
full-width-plus read read refused"
[ "$said" = "$expected" ] || { echo "changed"; exit 1; }
echo "as found: two of four are read by some and refused by others"

# Output seen on 2026-11-29:
# written in: phonenumbers google-libphonenumber libphonenumber-js
# full-width-digits read read read
# arabic-digits read read read
# devanagari-digits read refused refused
# full-width-plus read read refused
# as found: two of four are read by some and refused by others
