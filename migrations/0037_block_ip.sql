-- Blocks of IP addresses and of networks of them. Keys are canonical, as domain::blocks::Target
-- writes them.

alter table block drop constraint block_kind_check;
alter table block add constraint block_kind_check
    check (kind in ('user', 'number', 'number_block', 'ip', 'ip_network'));
