-- Captcha challenges that have been used, so that none is used twice by any server of the store.

create table captcha_used (
    id uuid primary key, -- of the challenge's signature; says nothing about the number
    expires timestamptz not null -- the challenge's end: a while later nothing need be known of it
);

create index captcha_used_expires on captcha_used (expires);
