insert into block (id, kind, value, key, since, until, by, reason) values
('6f0f2f3e-0000-4000-8000-000000000041', 'ip_network', '203.0.113.0/24', '203.0.113.0/24', '2020-12-01T00:00:00Z',
'2021-03-01T00:00:00Z', 'ann@example.com', 'a proxy');
