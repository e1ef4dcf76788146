-- Links by which an account's holder chooses a password: made by an admin, shown once.

create table reset_link (
    hash bytea primary key, -- SHA-256 of the token
    account uuid not null references account on delete cascade,
    -- The account's epoch when it was made: any change of the account ends the link.
    epoch integer not null,
    expires timestamptz not null
);

create index reset_link_account on reset_link (account);
