-- Admins are told of what changes who may do what and of what data leaves, whether somebody made
-- them recipients or not: each has a row of its account's here, which no page lists and no link
-- stops.

alter table recipient add column account uuid references account;

drop index recipient_address;
create unique index recipient_address on recipient (kind, address)
    where removed is null and account is null;
create unique index recipient_account on recipient (account);

-- Recipients that hear of changes of the set-up hear of these kinds, too.
update recipient set events = events || array['data_access', 'guessing']
where removed is null and 'set_up_change' = any(events);
