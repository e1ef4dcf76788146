#!/usr/bin/env bash
# standardwebhooks 1.1.0 for Python signs the local clock time instead of the point in time.
#
# Versions: standardwebhooks 1.1.0 (PyPI), standardwebhooks 1.1.1 (npm); Python 3.11, Node.js 20.
# Expected: sign() takes a datetime. The same point in time in two time zones gives the same
#   signature, and the JavaScript library gives this signature, too.
# Behaviour: the zone of an aware datetime is replaced by UTC instead of being converted. A sender in
#   another zone signs a time that is hours away from its `webhook-timestamp`, so every receiver
#   refuses the message, even one that uses the same library. In UTC the result is correct, so tests
#   on a build machine do not show the fault.
# Exits with 0 while this is the case, and with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip install --quiet --disable-pip-version-check --target python standardwebhooks==1.1.0
npm install --silent --no-audit --no-fund --prefix . standardwebhooks@1.1.1

cat >sign.py <<'EOF'
from datetime import datetime, timedelta, timezone
from standardwebhooks import Webhook

moment = datetime.fromtimestamp(1_790_000_000, tz=timezone.utc)
hook = Webhook("whsec_" + "c2VjcmV0" * 5)
for zone in (0, 2):
    there = moment.astimezone(timezone(timedelta(hours=zone)))
    assert there == moment
    print(hook.sign(msg_id="msg_1", timestamp=there, data='{"test": 1}'))
EOF
cat >sign.js <<'EOF'
const { Webhook } = require('standardwebhooks')
const hook = new Webhook('whsec_' + 'c2VjcmV0'.repeat(5))
console.log(hook.sign('msg_1', new Date(1790000000 * 1000), '{"test": 1}'))
EOF
mapfile -t python < <(PYTHONPATH=python python3 sign.py)
javascript=$(node sign.js)
echo "JavaScript           $javascript"
echo "Python, UTC          ${python[0]}"
echo "Python, two hours on ${python[1]}"
[ "${python[0]}" = "$javascript" ] || { echo "changed: UTC differs, too"; exit 1; }
[ "${python[1]}" != "$javascript" ] || { echo "changed: the moment is signed in every zone"; exit 1; }
echo "as found: the same moment in another zone has another signature"

# Output seen on 2026-11-29:
# JavaScript           v1,6nZ1s0yOzEOAyiR5nXwtgGRzMgCH0VMHuUqz9PysPAE=
# Python, UTC          v1,6nZ1s0yOzEOAyiR5nXwtgGRzMgCH0VMHuUqz9PysPAE=
# Python, two hours on v1,QFfMCZe1fyCDpSfrnQdLpcL3NMBh7kqGzPv9yPwoJIA=
# as found: the same moment in another zone has another signature
