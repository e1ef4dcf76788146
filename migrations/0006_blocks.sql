-- Whom and what the gate refuses, and lets through once; and who is the same user.

create table block (
    id uuid primary key,
    kind text not null check (kind in ('user', 'number', 'number_block')),
    value text not null,             -- as shown to those who see whole numbers
    -- For comparison: the user folded; the number; the block's digits with an x for each that is
    -- left open (domain::blocks::Target).
    key text collate "C" not null,
    -- Null: refused altogether. Else the one channel that is still offered.
    only_channel text,
    since timestamptz not null,
    until timestamptz,               -- null: until unblocked
    by text not null,
    reason text not null,
    auto boolean not null default false, -- by a fraud report, counted by the breaker
    ended timestamptz,               -- before its time
    ended_by text,
    end_reason text
);

-- At most one that was not ended: an expired one is ended by the one that follows it.
create unique index block_live on block (key, kind) where ended is null;
create index block_since on block (since desc, id);
create index block_live_since on block (since desc, id) where ended is null;
create index block_auto on block (since) where auto;

create table bypass (
    id uuid primary key,
    kind text not null check (kind in ('user', 'number')),
    value text not null,
    key text collate "C" not null,
    since timestamptz not null,
    until timestamptz not null,
    by text not null,
    reason text not null,
    used timestamptz,                -- by the first allowed attempt
    ended timestamptz,
    ended_by text,
    end_reason text
);

create unique index bypass_live on bypass (key, kind) where ended is null and used is null;
create index bypass_since on bypass (since desc, id);

-- Names of one user: what sources call the same person. Filled from events that carry two, and
-- by hand.
create table user_alias (
    name text collate "C" primary key, -- for comparison
    shown text not null,
    person uuid not null,
    since timestamptz not null,
    by text not null
);

create index user_alias_person on user_alias (person);

-- Denied push prompts, few among all events: users who were asked until they gave in.
create index event_denied on event (time) where kind = 'denied';
-- Reports that block nobody because too many did.
create index fraud_report_broken on fraud_report (received) where broken;
