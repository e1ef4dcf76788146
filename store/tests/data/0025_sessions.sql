insert into session (id, account, epoch, data, created, seen, confirmed, browser, address) values
('\x04', '6f0f2f3e-0000-4000-8000-00000000000a', 0, '{}', '2020-12-01T00:00:00Z', '2020-12-01T00:00:00Z', '2020-12-01T00:00:00Z', 'Firefox', '203.0.113.7');
