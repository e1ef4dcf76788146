-- Who may come in: people (account, session, set_up) and programs (api_key). Nothing here can be
-- used to come in by one who reads the tables: passwords, session ids, tokens and keys are kept
-- as hashes alone.

create table account (
    id uuid primary key,
    email text not null unique, -- lower case
    role text not null check (role in ('admin', 'security-lead', 'auditor')),
    password text not null, -- argon2id, as a PHC string
    -- Sessions begun under another epoch are over: a change of role or password, and disabling,
    -- raise it.
    epoch integer not null default 0,
    disabled timestamptz,
    created timestamptz not null,
    signed_in timestamptz
);

-- Links to the form that makes the first account; dead once there is one.
create table set_up (
    hash bytea primary key, -- SHA-256 of the token
    expires timestamptz not null
);

create table session (
    id bytea primary key, -- SHA-256 of the cookie's value
    account uuid references account on delete cascade, -- null before sign-in
    epoch integer,
    data jsonb not null,
    created timestamptz not null,
    seen timestamptz not null -- within a minute
);

create index session_account on session (account);
create index session_seen on session (seen);

create table api_key (
    id text primary key, -- the key's middle part
    name text not null,
    hash bytea not null, -- SHA-256 of the key's last part
    scopes text[] not null,
    sources cidr[] not null default '{}', -- networks it may be used from; none: any
    trusted boolean not null default false, -- its `verified` events count for trust
    created timestamptz not null,
    expires timestamptz,
    revoked timestamptz,
    used timestamptz -- within a minute
);

-- The name is the default source of its events and the user of basic auth: one live key each.
create unique index api_key_name on api_key (name) where revoked is null;
