"""What the description's own formats stand for, for whoever makes examples of them."""

from datetime import datetime, timedelta, timezone

import schemathesis
from hypothesis import strategies as st

NOW = datetime.now(timezone.utc).replace(microsecond=0)


def rfc3339(begin, end):
    seconds = int((end - begin).total_seconds())
    return st.integers(0, seconds).map(
        lambda later: (begin + timedelta(seconds=later)).strftime("%Y-%m-%dT%H:%M:%SZ")
    )


# Times of what happened: from 2000 until now.
schemathesis.openapi.format("past", rfc3339(datetime(2000, 1, 1, tzinfo=timezone.utc), NOW))
# Ends of what holds: within ten years.
schemathesis.openapi.format("future", rfc3339(NOW + timedelta(hours=1), NOW + timedelta(days=3600)))
# Numbers of a calling code that is assigned, and of a length that it has.
schemathesis.openapi.format(
    "phone",
    st.one_of(
        st.integers(0, 9999).map(lambda last: f"+1415555{last:04}"),
        st.integers(0, 9999999).map(lambda last: f"+49151{last:07}"),
    ),
)
schemathesis.openapi.format("number-block", st.integers(200, 999).map(lambda three: f"+1415{three}xxxx"))
schemathesis.openapi.format("ip", st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str))
schemathesis.openapi.format(
    "ip-network",
    st.one_of(
        st.tuples(st.ip_addresses(v=4), st.integers(8, 32)),
        st.tuples(st.ip_addresses(v=6), st.integers(16, 128)),
    ).map(lambda network: f"{network[0]}/{network[1]}"),
)
schemathesis.openapi.format("recipient", st.integers(0, 10**9).map(lambda at: f"soc{at}@example.com"))
schemathesis.openapi.format("webhook", st.integers(0, 10**9).map(lambda at: f"https://203.0.113.9/{at}"))
schemathesis.openapi.format(
    "cursor", st.integers(0, 2**50).map(lambda at: f"{at}-{at:032x}")
)
schemathesis.openapi.format("currency", st.sampled_from(["EUR", "USD", "GBP"]))


# A key writes events of its own name.
schemathesis.openapi.format("source", st.just("schemathesis"))


@schemathesis.hook
def before_call(context, case, kwargs):
    """What belongs together, which no schema of a parameter says, in examples that are to be taken."""
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    path = case.operation.path
    if path == "/api/v1/decisions" and isinstance(case.body, dict) and case.body.get("now"):
        # A time to decide as of goes with a dry run alone.
        case.query = {"dry_run": "true"}
    if path == "/api/v1/reports/{name}" and case.query and ("from" in case.query or "to" in case.query):
        # A range is named or begins and ends, and what is known later than it counts.
        case.query.pop("range", None)
        case.query.pop("as_of", None)
    if case.headers:
        # Nothing here packs a body.
        case.headers.pop("Content-Encoding", None)
