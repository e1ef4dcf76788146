-- Who changed or saw what: a chain that cannot be altered unnoticed. Each entry's hash is an
-- HMAC over its columns and the hash before it, under a key that is not in this database.

create table audit (
    seq bigint primary key, -- 1, 2, 3 … without gaps: the head's row is the counter
    time timestamptz not null,
    -- Compared by bytes: filters look for a beginning.
    actor text collate "C" not null,
    source_ip text, -- letter by letter as hashed
    activity text collate "C" not null,
    object text collate "C" not null,
    -- json keeps the text as it was hashed; jsonb would write it its own way.
    before json,
    after json,
    hash bytea not null
);

-- Newest first by (time, seq): a writer that waits for the head may be late by a moment.
create index audit_time on audit (time, seq);
create index audit_actor on audit (actor, time, seq);
create index audit_activity on audit (activity, time, seq);
create index audit_object on audit (object, time, seq);

-- One row, locked last before commit: the order of those locks is the order of the chain.
create table audit_head (
    one boolean primary key default true check (one),
    seq bigint not null,
    hash bytea not null,
    -- Tells another secret from this store's, which could not carry the chain on.
    secret_check bytea
);
insert into audit_head (seq, hash) values (0, '\x0000000000000000000000000000000000000000000000000000000000000000');

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'entries of the audit log are never changed' using errcode = '42501';
end $$;

create trigger audit_unchanged before update or delete on audit
    for each row execute function audit_refuse();
create trigger audit_kept before truncate on audit
    for each statement execute function audit_refuse();
create trigger audit_head_kept before delete on audit_head
    for each row execute function audit_refuse();
create trigger audit_head_not_emptied before truncate on audit_head
    for each statement execute function audit_refuse();
