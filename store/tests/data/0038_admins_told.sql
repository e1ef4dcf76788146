insert into recipient (id, kind, address, events, created, created_by, greeted, account) values
('6f0f2f3e-0000-4000-8000-00000000000b', 'email', 'soc@example.com', '{}', '2020-12-01T00:00:00Z', 'Tollwarden', true, '6f0f2f3e-0000-4000-8000-00000000000a');
