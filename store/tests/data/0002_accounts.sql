insert into account (id, email, role, password, created) values
('6f0f2f3e-0000-4000-8000-00000000000a', 'ann@example.com', 'admin', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', '2020-12-01T00:00:00Z');
insert into set_up (hash, expires) values ('\x00', '2020-12-01T01:00:00Z');
insert into session (id, account, epoch, data, created, seen) values
('\x01', '6f0f2f3e-0000-4000-8000-00000000000a', 0, '{}', '2020-12-01T00:00:00Z', '2020-12-01T00:00:00Z');
insert into api_key (id, name, hash, scopes, sources, created) values
('a1', 'b2c', '\x02', '{events:write}', '{203.0.113.0/24}', '2020-12-01T00:00:00Z');
