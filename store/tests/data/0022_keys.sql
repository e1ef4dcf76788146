insert into api_key (id, name, hash, scopes, sources, writes, trusted, counts, names, rate, created) values
('a2', 'azure', '\x03', '{events:write,metrics}', '{}', '{b2c,entra}', true, true, false, 5, '2020-12-01T00:00:00Z');
