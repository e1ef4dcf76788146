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
    stopped timestamptz,             -- by the link in its messages; until somebody resumes it
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
    -- When it was first due, or sent again by hand: it is tried for a day from then on.
    since timestamptz not null,
    -- Kept: there is no mail server, so that it can be read here and nowhere else.
    state text not null check (state in ('waiting', 'sent', 'failed', 'kept')),
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
create index outbox_busy on outbox (recipient) where state = 'waiting' and leased is not null;
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

-- The minute after a first alert of a kind, for each recipient: one row to lock.
create table outbox_window (
    recipient uuid not null references recipient,
    alert text not null,
    ends timestamptz not null,
    gathers uuid,                    -- the message that further alerts go into, once there is one
    primary key (recipient, alert)
);

-- Silences of sources that recipients were told of: once each.
create table silence_told (
    source text primary key,
    since timestamptz not null
);
