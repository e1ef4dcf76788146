-- The audit log's chain goes on under a new key when the server's secret is rotated: each entry
-- knows the number of its key, and keys that have been replaced are kept, sealed under the present
-- secret, to verify what they hashed.

alter table audit add column key integer not null default 1;
alter table audit_head add column key integer not null default 1;

create table audit_key (
    number integer primary key,
    sealed bytea not null,
    retired timestamptz not null
);

create trigger audit_key_kept before delete on audit_key
    for each row execute function audit_refuse();
create trigger audit_key_not_emptied before truncate on audit_key
    for each statement execute function audit_refuse();
