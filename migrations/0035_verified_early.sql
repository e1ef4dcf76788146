-- Codes that a trusted source says were entered, before anything tells that one was asked for or
-- sent: the number is trusted once that comes. Forgotten after three days.
create table verified_early (
    attempt uuid not null,
    phone text collate "C" not null,
    verified timestamptz not null,
    primary key (attempt, phone, verified)
);

create index verified_early_verified on verified_early (verified);
