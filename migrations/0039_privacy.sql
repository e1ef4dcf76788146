-- What an entry of the audit log says of people lies beside the chain, where it can be erased.

-- Version 1: the texts stand in the entry, and its hash is over them. Version 2: the texts stand in
-- audit_value, and the entry's object is a keyed handle of them (domain::audit).
alter table audit add column version smallint not null default 1;

create table audit_value (
    seq bigint primary key,
    object text collate "C" not null,
    before json,
    after json,
    -- Null: as first written. Else people were taken out of it, and this is a MAC, under a key that
    -- is not in this database, over what is left and the entry's hash.
    erased bytea
);
create index audit_value_object on audit_value (object, seq);
create index audit_value_erased on audit_value (seq) where erased is not null;

-- Entries as they are read.
create view audit_whole as
select a.seq, a.time, a.actor, a.source_ip, a.activity,
    case when v.seq is null then a.object else v.object end as object,
    case when v.seq is null then a.before else v.before end as before,
    case when v.seq is null then a.after else v.after end as after,
    a.hash, a.key
from audit a left join audit_value v on v.seq = a.seq;

-- Where the chain begins: after the entries that retention dropped.
create table audit_anchor (
    one boolean primary key default true check (one),
    seq bigint not null,
    hash bytea not null,
    dropped timestamptz not null,
    mac bytea not null
);

-- The tables are changed through the functions below and not otherwise. In them the current role
-- is the tables' owner, whoever calls.
create or replace function audit_refuse() returns trigger language plpgsql as $$
begin
    if tg_level = 'ROW' and current_setting('tollwarden.audit_door', true) = 'open'
        and (select relowner from pg_class where oid = tg_relid)
            = (select oid from pg_roles where rolname = current_user)
    then
        if tg_op = 'DELETE' then return old; end if;
        return new;
    end if;
    raise exception 'entries of the audit log are never changed' using errcode = '42501';
end $$;

create trigger audit_value_unchanged before update or delete on audit_value
    for each row execute function audit_refuse();
create trigger audit_value_kept before truncate on audit_value
    for each statement execute function audit_refuse();
create trigger audit_anchor_unchanged before insert or update or delete on audit_anchor
    for each row execute function audit_refuse();
create trigger audit_anchor_kept before truncate on audit_anchor
    for each statement execute function audit_refuse();

-- Puts other texts in the place of an entry's, with a MAC that says so. Its number, time, actor,
-- address, activity and hash stay.
create function audit_erase(entry bigint, left_object text, left_before json, left_after json, mac bytea)
returns void language plpgsql security definer as $$
begin
    if length(mac) is distinct from 32 or not exists (select from audit where seq = entry) then
        raise exception 'no such entry, or no MAC' using errcode = '22023';
    end if;
    perform set_config('tollwarden.audit_door', 'open', true);
    update audit set object = 'erased', before = null, after = null
    where seq = entry and version = 1 and object <> 'erased';
    insert into audit_value (seq, object, before, after, erased)
    values (entry, left_object, left_before, left_after, mac)
    on conflict (seq) do update set object = excluded.object, before = excluded.before,
        after = excluded.after, erased = excluded.erased;
    perform set_config('tollwarden.audit_door', '', true);
end $$;

-- Drops the chain's first entries up to one, all of them older than a day, and keeps where it
-- begins from now on.
create function audit_drop(upto bigint, last_hash bytea, at timestamptz, anchor_mac bytea)
returns bigint language plpgsql security definer as $$
declare
    gone bigint;
begin
    if length(anchor_mac) is distinct from 32
        or not exists (select from audit where seq = upto and hash = last_hash)
        or not exists (select from audit where seq > upto)
        or exists (select from audit where seq <= upto and time > now() - interval '1 day')
    then
        raise exception 'only what is old can be dropped, and never the last entry'
            using errcode = '22023';
    end if;
    perform set_config('tollwarden.audit_door', 'open', true);
    delete from audit_value where seq <= upto;
    delete from audit where seq <= upto;
    get diagnostics gone = row_count;
    insert into audit_anchor (seq, hash, dropped, mac) values (upto, last_hash, at, anchor_mac)
    on conflict (one) do update set seq = excluded.seq, hash = excluded.hash,
        dropped = excluded.dropped, mac = excluded.mac;
    perform set_config('tollwarden.audit_door', '', true);
    return gone;
end $$;

-- Another MAC for the place where the chain begins, when the server's secret is rotated.
create function audit_sign_anchor(anchor_mac bytea)
returns void language plpgsql security definer as $$
begin
    if length(anchor_mac) is distinct from 32 then
        raise exception 'no MAC' using errcode = '22023';
    end if;
    perform set_config('tollwarden.audit_door', 'open', true);
    update audit_anchor set mac = anchor_mac;
    perform set_config('tollwarden.audit_door', '', true);
end $$;

revoke execute on function audit_erase, audit_drop, audit_sign_anchor from public;

-- A function that runs as its owner must find the owner's tables and no others.
do $$
begin
    execute format('alter function audit_erase set search_path = %I, pg_temp', current_schema());
    execute format('alter function audit_sign_anchor set search_path = %I, pg_temp', current_schema());
    execute format('alter function audit_drop set search_path = %I, pg_temp', current_schema());
end $$;

-- When people were erased: every server then reads anew what it keeps in memory.
create table erasure (
    id bigint generated always as identity primary key,
    time timestamptz not null,
    handle text not null -- keyed; says nothing about the person
);
