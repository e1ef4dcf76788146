-- Google's metadata that numbers are looked up in, where newer than what the program has: the newest
-- row holds on every server of this store, and one without content means what is built in.
create table number_data (
    version bigint primary key check (version > 0),
    name text not null check (length(name) between 1 and 200),
    -- SHA-256 of the content, in hexadecimal; what tells whether two are the same.
    digest text,
    content text,
    taken timestamptz not null,
    taken_by text not null,
    check ((content is null) = (digest is null))
);
