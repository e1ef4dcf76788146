-- Settings, and users' reports of sign-ins they did not start.

-- Every version of every section; the newest holds. A section without a row has its defaults.
create table settings (
    section text not null,
    version bigint not null check (version > 0),
    document jsonb not null,
    changed timestamptz not null,
    changed_by text not null,
    primary key (section, version)
);

create table fraud_report (
    id uuid primary key,
    -- The caller's own name for it, unique to its API key: the same again gets the first answer.
    api_key text not null,
    external_id text not null,
    received timestamptz not null,
    time timestamptz not null,
    "user" text not null,
    user_key text collate "C" not null, -- the user's name for comparison
    channel text not null check (channel in ('push', 'voice', 'sms')),
    phone text,
    journey text,
    ip inet,
    flow text,
    note text,
    attempt uuid not null,
    action text not null check (action in ('blocked', 'no_action')),
    until timestamptz,
    block uuid, -- that it led to, or that it joined
    -- Whether the breaker kept it from blocking.
    broken boolean not null default false,
    handled timestamptz,
    handled_by text,
    handled_note text,
    unique (api_key, external_id)
);

create index fraud_report_received on fraud_report (received desc, id);
create index fraud_report_time on fraud_report (time desc, id);
create index fraud_report_user on fraud_report (user_key, received desc);
create index fraud_report_open on fraud_report (received desc, id) where handled is null;
