-- What the sign-in log and the help desk look up: whose attempts, which number's, from where, and
-- the events of one attempt.

-- The user's name for comparison (domain::events::fold_user).
alter table attempt add column user_key text collate "C";
update attempt set user_key = lower(normalize(btrim("user"), nfc)) where "user" is not null;

create index attempt_user on attempt (user_key, time desc, id desc) where user_key is not null;
create index attempt_phone on attempt (phone, time desc, id desc) where phone is not null;
create index attempt_ip on attempt (ip, time desc, id desc) where ip is not null;
create index event_attempt on event (attempt);
