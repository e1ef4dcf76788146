-- The role that serves owns nothing: it cannot switch triggers off, nor alter or empty the audit
-- log. What it does to tables at run time, it does through these two, which run as their owner,
-- with their own search path, and take nothing but a known table and a first of a month.
-- Its grants are made after each migration (store::roles).

create function make_partition(parent text, month date) returns boolean
language plpgsql security definer as $$
declare
    part text := parent || to_char(month, '_YYYY_MM');
begin
    if parent is null or month is null or parent not in ('event', 'decision')
        or month <> date_trunc('month', month) or month not between '1970-01-01' and '2200-01-01'
    then
        raise exception 'no partition of % for %', parent, month using errcode = '22023';
    end if;
    -- One maker at a time: two would both find the partition missing.
    perform pg_advisory_xact_lock(hashtext('event partitions'));
    if to_regclass(quote_ident(part)) is not null then
        return false;
    end if;
    -- Attaching takes a weaker lock on the parent than creating a partition in place, so readers
    -- and writers of other months go on.
    execute format(
        'create table %I (like %I including defaults including constraints)', part, parent);
    execute format(
        'alter table %I attach partition %I for values from (%L) to (%L)', parent, part,
        to_char(month, 'YYYY-MM-DD 00:00:00+00'),
        to_char(month + interval '1 month', 'YYYY-MM-DD 00:00:00+00'));
    return true;
end $$;

-- Drops the oldest partition that lies wholly before a month; its name, null when there is none.
create function drop_partition(parent text, before date) returns text
language plpgsql security definer as $$
declare
    part text;
begin
    if parent is null or before is null or parent not in ('event', 'decision') then
        raise exception 'no partition of % before %', parent, before using errcode = '22023';
    end if;
    select relname into part
        from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = to_regclass(quote_ident(parent))
            and relname < parent || to_char(date_trunc('month', before), '_YYYY_MM')
        order by relname limit 1;
    if part is not null then
        execute format('drop table %I', part);
    end if;
    return part;
end $$;

revoke execute on function make_partition(text, date) from public;
revoke execute on function drop_partition(text, date) from public;

-- The schema of this migration and no other, whoever calls; Postgres' own comes before it unsaid,
-- temporary tables after it.
do $$ begin
    execute format(
        'alter function make_partition(text, date) set search_path = %I, pg_temp',
        current_schema());
    execute format(
        'alter function drop_partition(text, date) set search_path = %I, pg_temp',
        current_schema());
end $$;
