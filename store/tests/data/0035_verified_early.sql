insert into verified_early (attempt, phone, verified)
values ('00000000-0000-0000-0000-000000000035', '+14155550135', '2026-11-20 12:00:00Z');
