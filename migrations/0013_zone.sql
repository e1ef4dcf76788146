-- The time zone that an account's holder sees times in: a name of the IANA database. Changing it
-- changes nothing that the account may do, so its sessions go on.

alter table account add column zone text not null default 'UTC';
