-- What the sign-in log and the help desk look up: whose attempts, which number's, from where, and
-- the events of one attempt.

-- The user's name for comparison (domain::events::fold_user).
alter table attempt add column user_key text collate "C";
update attempt set user_key = lower(normalize(btrim("user"), nfc)) where "user" is not null;

-- These lead with the day: new entries fall into the newest day's pages, which stay in memory,
-- however large the rest is. Without it each entry would touch a page of its own anywhere, and
-- taking attempts in would be ten times as slow. A look-up asks day by day (store::attempts), and
-- says day and hash as they are written here. Hashes are short; equal ones are told apart by the
-- values themselves.
create index attempt_user on attempt ((timezone('UTC', time)::date), hashtext(user_key), time)
    where user_key is not null;
create index attempt_phone on attempt ((timezone('UTC', time)::date), hashtext(phone), time)
    where phone is not null;
create index attempt_ip on attempt ((timezone('UTC', time)::date), hashinet(ip), time)
    where ip is not null;
create index event_attempt on event ((timezone('UTC', time)::date), uuid_hash(attempt));
