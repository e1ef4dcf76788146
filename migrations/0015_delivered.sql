-- Whether any source told that an attempt's code was delivered: its outcome alone forgets that
-- where something stronger came after (failed, expired, verified).
alter table attempt add column delivered boolean not null default false;
update attempt set delivered = true
    where id in (select attempt from event where kind = 'delivered');
