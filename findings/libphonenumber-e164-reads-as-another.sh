#!/usr/bin/env bash
# libphonenumber: the E.164 form of a possible number can be parsed as a different number.
#
# Versions: phonenumbers 9.0.43 (PyPI), google-libphonenumber 3.2.47 and libphonenumber-js 1.13.16
#   (npm); Python 3.11, Node.js 20.
# Expected: E.164 is the form for storing and comparing numbers. Parsing an E.164 form again gives
#   the same number, whatever the original input was.
# Behaviour: if a number has a plus sign and two trunk zeros, each parsing drops one zero. South
#   Africa's +27 00 155552700 is formatted as +270155552700, which counts as possible. Parsed again,
#   that becomes +27155552700, which is valid and a different string. All three libraries behave the
#   same. Parsing until nothing changes gives a stable form.
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

text, said = "+2700155552700", []
for _ in range(3):
    number = phonenumbers.parse(text)
    possible, valid = phonenumbers.is_possible_number(number), phonenumbers.is_valid_number(number)
    text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    said.append(f"{text} {'valid' if valid else 'possible' if possible else 'impossible'}")
print(", ".join(said))
EOF
cat >read.js <<'EOF'
const { PhoneNumberUtil, PhoneNumberFormat } = require('google-libphonenumber')
const { parsePhoneNumber } = require('libphonenumber-js/max')
const util = PhoneNumberUtil.getInstance()
const thrice = (read) => {
  const said = []
  for (let text = '+2700155552700'; said.length < 3; said.push(text)) text = read(text)
  console.log(said.join(', '))
}
thrice((text) => util.format(util.parse(text), PhoneNumberFormat.E164))
thrice((text) => parsePhoneNumber(text).number)
EOF
python=$(PYTHONPATH=python python3 read.py)
mapfile -t javascript < <(node read.js)
echo "phonenumbers          $python"
echo "google-libphonenumber ${javascript[0]}"
echo "libphonenumber-js     ${javascript[1]}"
expected="+270155552700 possible, +27155552700 valid, +27155552700 valid"
[ "$python" = "$expected" ] || { echo "changed: phonenumbers"; exit 1; }
for said in "${javascript[@]}"; do
  [ "$said" = "+270155552700, +27155552700, +27155552700" ] || { echo "changed: $said"; exit 1; }
done
echo "as found: what was written first is read as another number"

# Output seen on 2026-11-29:
# phonenumbers          +270155552700 possible, +27155552700 valid, +27155552700 valid
# google-libphonenumber +270155552700, +27155552700, +27155552700
# libphonenumber-js     +270155552700, +27155552700, +27155552700
# as found: what was written first is read as another number
