insert into audit (seq, time, actor, source_ip, activity, object, before, after, hash) values
(1, '2020-12-01T00:00:00Z', 'ann@example.com', '203.0.113.7', 'Signed in', 'ann@example.com', null, '{"a":1}', '\x01');
update audit_head set seq = 1, hash = '\x01';
