insert into reset_link (hash, account, epoch, expires) values
('\x03', '6f0f2f3e-0000-4000-8000-00000000000a', 0, '2020-12-01T01:00:00Z');
