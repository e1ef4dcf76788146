-- Events are facts; attempts and tallies are folds of them, written in their transaction.

-- Identity. Postgres refuses a unique constraint without the partition key, so events have their
-- key here; keys outlive dropped partitions, so that a duplicate stays one for ever.
create table event_key (
    key uuid primary key -- first 16 bytes of SHA-256(source ‖ 0 ‖ id)
);

create sequence event_seq cache 32;

-- One partition a month, made ahead and on demand (store::partitions).
create table event (
    seq bigint not null default nextval('event_seq'),
    -- The tail reads in (xid, seq) order below the horizon: a sequence alone would lose rows that
    -- a slow transaction commits late.
    xid xid8 not null default pg_current_xact_id(),
    key uuid not null,
    attempt uuid not null,
    time timestamptz not null,
    received timestamptz not null,
    source text not null,
    id text not null,
    kind text not null,
    journey text,
    "user" text,
    device text,
    flow text,
    app text,
    phone text,
    region text,
    channel text,
    ip inet,
    user_agent text,
    browser text,
    os text,
    reason text,
    reason_text text,
    provider_ref text,
    carrier text,
    cost_amount numeric,
    cost_currency text,
    extra jsonb
) partition by range (time);

create index event_tail on event (xid, seq);
-- Failures by time: older ranges, edges of tallies, and the column table's start.
create index event_failures on event (time)
    where kind in ('failed', 'blocked', 'undelivered', 'expired');

create table attempt (
    id uuid primary key,
    time timestamptz not null,
    outcome text not null,
    outcome_time timestamptz not null,
    reason text,
    reason_text text,
    journey text,
    "user" text,
    phone text,
    region text,
    channel text,
    flow text,
    app text,
    ip inet,
    browser text,
    carrier text,
    cost_amount numeric,
    cost_currency text,
    -- The times (µs since 1970) of the events that journey … cost came from, so that late events
    -- fold in the same in any order.
    origins bigint[] not null
) with (fillfactor = 80);

create index attempt_time on attempt (time, id);

-- Counts of few distinct values, per minute, hour and day.
create table tally (
    grain smallint not null, -- minutes in a bucket: 1, 60 or 1440
    dim smallint not null,   -- what `key` and `detail` are: store::tallies::Dim
    bucket timestamptz not null,
    -- Words are compared by bytes: an import touches thousands of these keys a second.
    channel text collate "C" not null,   -- '' where the events had none
    key text collate "C" not null,
    detail text collate "C" not null,
    -- Writers have rows of their own, so that an import never holds up the gate.
    writer smallint not null,
    n bigint not null,
    primary key (grain, dim, bucket, channel, key, detail, writer)
) with (fillfactor = 60);

create sequence writer_seq;

-- What each source sent, and when it was last heard of.
create table source_stat (
    source text not null,
    writer smallint not null,
    -- False for imports of files: they say nothing about a source's going silent.
    live boolean not null,
    first_received timestamptz not null,
    last_received timestamptz not null,
    last_event timestamptz,
    accepted bigint not null,
    duplicates bigint not null,
    rejected bigint not null,
    -- The longest it was ever silent between two batches.
    longest_silence interval not null,
    primary key (source, live, writer)
) with (fillfactor = 60);

-- One row: the store's own secret for handles (n_…).
create table store_key (
    one boolean primary key default true check (one),
    handle_key bytea not null
);
