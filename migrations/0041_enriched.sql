-- Records of an event that is known already may bring what it lacked: how many did, and of what
-- kinds those are that were ignored.
alter table import_job
    add column enriched bigint not null default 0,
    add column ignored_kinds jsonb not null default '{}';

-- How often events were written anew: every server then reads again what it keeps in memory.
create table event_rewritten (
    one boolean primary key default true check (one),
    n bigint not null
);
insert into event_rewritten (n) values (0);
