-- The gate: what it decided, which numbers it trusts, and how every server learns of a change
-- within a moment.

-- One row for each decision; what it was about stands in the event of source `gate` with its id.
-- One partition a month, made and dropped with those of `event` (store::partitions).
create table decision (
    id uuid not null,          -- a ULID's 128 bits: in the order of time
    time timestamptz not null,
    attempt uuid not null,
    event uuid not null,       -- key of the event of source `gate`
    verdict text not null,
    shadow text not null,
    retry_after integer,       -- seconds
    type text not null,        -- of the number
    valid boolean not null,
    api_key text not null,     -- by which key it was asked
    cost numeric,              -- by the price table
    reasons jsonb              -- null: none
) partition by range (time);

-- Ids are in the order of time: new ones fall into the newest page.
create index decision_id on decision (id);

-- The last day's events, for the ledger at a start: events come about in the order of time, so a
-- few pages' ranges find them.
create index event_time on event using brin (time) with (pages_per_range = 32);

-- Numbers that verified, by a source that is trusted: the newest time of each.
create table trusted_number (
    phone text collate "C" primary key,
    verified timestamptz not null,
    xid xid8 not null default pg_current_xact_id()
) with (fillfactor = 80);

create index trusted_number_xid on trusted_number (xid);
create index trusted_number_verified on trusted_number (verified);

-- By which transaction a row was last written: every server reads what is new since it last
-- looked.
alter table block add column xid xid8 not null default pg_current_xact_id();
alter table bypass add column xid xid8 not null default pg_current_xact_id();
alter table user_alias add column xid xid8 not null default pg_current_xact_id();
create index block_xid on block (xid);
create index bypass_xid on bypass (xid);
create index user_alias_xid on user_alias (xid);

create function stamp_xid() returns trigger language plpgsql as $$
begin
    new.xid := pg_current_xact_id();
    return new;
end $$;

create trigger block_stamp before update on block for each row execute function stamp_xid();
create trigger bypass_stamp before update on bypass for each row execute function stamp_xid();
create trigger user_alias_stamp before update on user_alias
    for each row execute function stamp_xid();
create trigger trusted_number_stamp before update on trusted_number
    for each row execute function stamp_xid();
