insert into recipient (id, kind, address, events, created, created_by) values
('6f0f2f3e-0000-4000-8000-000000000009', 'email', 'soc@example.com', '{fraud_report}', '2020-12-01T00:00:00Z', 'ann@example.com');
insert into outbox (id, recipient, alert, created, due, since, state, count, users, payload) values
('6f0f2f3e-0000-4000-8000-00000000000a', '6f0f2f3e-0000-4000-8000-000000000009', 'fraud_report',
'2020-12-01T00:00:00Z', '2020-12-01T00:00:00Z', '2020-12-01T00:00:00Z', 'waiting', 1, '{Bob@example.com}', '{}');
