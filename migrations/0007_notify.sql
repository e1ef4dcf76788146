-- Whom alerts reach, and what was sent to them.

create table recipient (
    id uuid primary key,
    kind text not null check (kind in ('email', 'webhook')),
    address text not null,
    events text[] not null,
    paused boolean not null default false,
    created timestamptz not null,
    created_by text not null,
    -- A webhook's signing secret, sealed under a key outside this database; and the one before it
    -- while both sign.
    secret bytea,
    old_secret bytea,
    old_secret_until timestamptz,
    -- The first message says who added it.
    greeted boolean not null default false,
    removed timestamptz,
    removed_by text
);

create unique index recipient_address on recipient (kind, address) where removed is null;

-- Messages, written in the transaction of what they tell of.
create table outbox (
    id uuid primary key,
    recipient uuid not null references recipient,
    alert text not null,
    created timestamptz not null,
    -- When it is to leave; later for one that gathers what follows a first.
    due timestamptz not null,
    state text not null check (state in ('waiting', 'sent', 'failed')),
    attempts integer not null default 0,
    leased timestamptz,              -- a worker has it until then
    count bigint not null,           -- alerts it tells of
    users text[] not null,           -- up to 20 of them, named
    payload jsonb not null,          -- the first of them, whole
    sent timestamptz,
    answer text,                     -- the other side's last words
    -- What left, readable where there is no mail server.
    subject text,
    body text
);

create index outbox_due on outbox (due) where state = 'waiting';
create index outbox_created on outbox (created desc, id);
create index outbox_recipient on outbox (recipient, created desc);

create table outbox_attempt (
    message uuid not null references outbox on delete cascade,
    number integer not null,
    time timestamptz not null,
    ok boolean not null,
    answer text not null,
    primary key (message, number)
);

-- The message that further alerts of a kind go into, for each recipient: one row to lock.
create table outbox_window (
    recipient uuid not null references recipient,
    alert text not null,
    message uuid not null,
    due timestamptz not null,
    primary key (recipient, alert)
);
