#!/usr/bin/env bash
# libphonenumber parses everything after a tilde as an extension, which truncates the number.
#
# Versions: phonenumbers 9.0.43 (PyPI), google-libphonenumber 3.2.47 and libphonenumber-js 1.13.16
#   (npm); Python 3.11, Node.js 20.
# Expected: punctuation between the groups of a number is ignored, or the number is refused.
# Behaviour: dashes, dots and slashes between groups are ignored. A tilde begins an extension; so
#   does the full-width tilde that East Asian keyboards produce instead of a dash. The last group of
#   +1 415 555 ~ 0123 becomes the extension, and the E.164 form to be stored, blocked or texted is
#   +1415555, without an error. All three libraries behave the same.
# Exits with 0 while this is the case, and with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --target python phonenumbers==9.0.43
npm install --silent --no-audit --no-fund --prefix . \
  google-libphonenumber@3.2.47 libphonenumber-js@1.13.16

cat >read.py <<'EOF'
import phonenumbers
from phonenumbers import PhoneNumberFormat

for mark in ["-", "/", "~", "\uff5e"]:
    number = phonenumbers.parse(f"+1{mark}415{mark}555{mark}0123")
    print(phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension)
EOF
cat >read.js <<'EOF'
const { PhoneNumberUtil, PhoneNumberFormat } = require('google-libphonenumber')
const { parsePhoneNumberWithError } = require('libphonenumber-js/max')
const util = PhoneNumberUtil.getInstance()
for (const mark of ['-', '/', '~', '\uff5e']) {
  const text = `+1${mark}415${mark}555${mark}0123`
  const google = util.parse(text)
  const other = parsePhoneNumberWithError(text)
  console.log(util.format(google, PhoneNumberFormat.E164), google.getExtension() || 'None',
    other.number, other.ext ?? 'None')
}
EOF
said=$(paste -d' ' <(printf '%s\n' dash slash tilde full-width-tilde) \
  <(PYTHONPATH=python python3 read.py) <(node read.js))
echo "between groups: number and extension by phonenumbers, google-libphonenumber, libphonenumber-js"
echo "$said"
whole="+14155550123 None +14155550123 None +14155550123 None"
cut="+1415555 0123 +1415555 0123 +1415555 0123"
expected="dash $whole
slash $whole
tilde $cut
full-width-tilde $cut"
[ "$said" = "$expected" ] || { echo "changed"; exit 1; }
echo "as found: a tilde cuts the number"

# Output seen on 2026-11-29:
# between groups: number and extension by phonenumbers, google-libphonenumber, libphonenumber-js
# dash +14155550123 None +14155550123 None +14155550123 None
# slash +14155550123 None +14155550123 None +14155550123 None
# tilde +1415555 0123 +1415555 0123 +1415555 0123
# full-width-tilde +1415555 0123 +1415555 0123 +1415555 0123
# as found: a tilde cuts the number
