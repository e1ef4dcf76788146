#!/usr/bin/env bash
# libphonenumber: the example mobile number of a region can belong to another region.
#
# Versions: phonenumbers 9.0.43 (PyPI), google-libphonenumber 3.2.47 and libphonenumber-js 1.13.16
#   (npm); Python 3.11, Node.js 20.
# Expected: the example number of a region belongs to that region, so an allowlist with the region
#   allows the number.
# Behaviour: the example mobile numbers of nine regions are assigned to another region that shares
#   the calling code, and are valid for both: Western Sahara's +212650123456 to Morocco, Åland's
#   +358412345678 to Finland, Saint Barthélemy's and Saint Martin's +590690001234 to Guadeloupe, the
#   Vatican's +393123456789 to Italy. google-libphonenumber agrees. libphonenumber-js gives the same
#   example the region EH when it returns it, and MA when it parses it. No number is ever assigned
#   to Western Sahara.
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

for region in sorted(phonenumbers.SUPPORTED_REGIONS):
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(region, kind)
        told = number and phonenumbers.region_code_for_number(number)
        if told and told != region:
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            both = all(phonenumbers.is_valid_number_for_region(number, r) for r in (region, told))
            print(region, text, told, "valid for both" if both else "valid for one")
            break
EOF
cat >read.js <<'EOF'
const { PhoneNumberUtil, PhoneNumberFormat, PhoneNumberType } = require('google-libphonenumber')
const js = require('libphonenumber-js/max')
const examples = require('libphonenumber-js/mobile/examples')
const util = PhoneNumberUtil.getInstance()
for (const region of ['EH', 'AX', 'BL', 'VA']) {
  const number = util.getExampleNumberForType(region, PhoneNumberType.MOBILE)
  const text = util.format(number, PhoneNumberFormat.E164)
  const given = js.getExampleNumber(region, examples)
  const read = js.parsePhoneNumber(given.number)
  console.log(region, text, util.getRegionCodeForNumber(number), 'js:', given.country, read.country)
}
EOF
seen=$(PYTHONPATH=python python3 read.py; node read.js)
want='AX +358412345678 FI valid for both
BL +590690001234 GP valid for both
CC +61412345678 AU valid for both
CX +61412345678 AU valid for both
EH +212650123456 MA valid for both
IM +447924123456 GB valid for both
MF +590690001234 GP valid for both
SJ +4741234567 NO valid for both
VA +393123456789 IT valid for both
EH +212650123456 MA js: EH MA
AX +358412345678 FI js: AX FI
BL +590690001234 GP js: BL GP
VA +393123456789 IT js: VA IT'
echo "$seen"
[[ $seen == "$want" ]] || { echo "changed" >&2; exit 1; }
