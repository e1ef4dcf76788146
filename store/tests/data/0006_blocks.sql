insert into block (id, kind, value, key, since, until, by, reason, auto) values
('6f0f2f3e-0000-4000-8000-000000000006', 'user', 'Bob@example.com', 'bob@example.com', '2020-12-01T00:00:00Z',
'2021-03-01T00:00:00Z', 'ann@example.com', 'reported fraud', true);
insert into bypass (id, kind, value, key, since, until, by, reason) values
('6f0f2f3e-0000-4000-8000-000000000007', 'number', '+14155550100', '+14155550100', '2020-12-01T00:00:00Z',
'2020-12-01T00:05:00Z', 'ann@example.com', 'new phone');
insert into user_alias (name, shown, person, since, by) values
('bob@example.com', 'Bob@example.com', '6f0f2f3e-0000-4000-8000-000000000008', '2020-12-01T00:00:00Z', 'b2c');
