#!/usr/bin/env bash
# standardwebhooks 1.1.0 for Python signs the clock on the wall, not the moment.
#
# Versions: standardwebhooks 1.1.0 (PyPI), standardwebhooks 1.1.1 (npm); Python 3.11, Node.js 20.
# Expected: sign() takes a datetime. One moment written in two zones is one moment, so both give
#   the signature that the same library for JavaScript gives for that moment.
# Behaviour: the zone of an aware datetime is replaced by UTC, not converted. A sender that works in
#   its own zone signs a time hours away from the one it puts into `webhook-timestamp`, and every
#   receiver refuses the message, in the same library, too. In UTC all is well, so that a test on a
#   build machine does not show it.
# Exits 0 while that is so, 1 when it has changed.
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
