-- Alerts that are not users' reports: spend caps, kill switches, surges, conversion, first traffic.

-- What recipients were told of, so that of several servers one tells, and once for each cause.
-- Forgotten when no cause can come again (store::alerts).
create table alert_told (
    kind text not null,
    key text collate "C" not null, -- the cause: `JM sends 495012`
    told timestamptz not null,
    primary key (kind, key)
);

create index alert_told_at on alert_told (told);

-- Whoever wanted every kind there was wants these too.
update recipient
set events = events || '{spend_cap,kill_switch,surge,conversion,first_traffic}'::text[]
where events @> '{fraud_report,block,breaker,set_up_change,source_silent,delivery_trouble}'
    and not events && '{spend_cap,kill_switch,surge,conversion,first_traffic}'::text[];
