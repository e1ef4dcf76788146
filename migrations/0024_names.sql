-- Which names of a user people said are one: `hand` is the same for those. What events joined is
-- one user (`person`), and a bypass never reaches it.

alter table user_alias add column hand uuid not null default gen_random_uuid();
update user_alias set hand = person where by <> 'tollwarden';
create index user_alias_hand on user_alias (hand);

-- Whoever wanted every kind there was wants these too.
update recipient
set events = events || '{odd_cost,names_joined}'::text[]
where events @> '{fraud_report,block,breaker,set_up_change,source_silent,delivery_trouble,spend_cap,kill_switch,surge,conversion,first_traffic}'
    and not events && '{odd_cost,names_joined}'::text[];
