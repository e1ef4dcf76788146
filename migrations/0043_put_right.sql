-- What newer versions have put right in rows of before, once: stored values in a form that is not
-- written any more.
create table put_right (
    what text primary key,
    at timestamptz not null,
    done jsonb not null -- how many rows of each table
);
