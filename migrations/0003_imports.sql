-- Files brought in through the console: the file lies in the server's spool, the job is here.
create table import_job (
    id uuid primary key,
    created timestamptz not null,
    -- Who brought it, by sign-in name.
    by_email text not null,
    file_name text not null,
    bytes bigint not null,
    state text not null check (state in ('waiting', 'running', 'done', 'failed')),
    done_bytes bigint not null default 0,
    read bigint not null default 0,
    accepted bigint not null default 0,
    duplicates bigint not null default 0,
    ignored bigint not null default 0,
    rejected bigint not null default 0,
    error text,
    ended timestamptz
);

create index import_job_created on import_job (created desc);
create index import_job_open on import_job (created) where state in ('waiting', 'running');
