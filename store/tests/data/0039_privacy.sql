insert into audit_value (seq, object) values (2, 'user x');
insert into erasure (time, handle) values ('2020-12-01T00:00:00Z', 'p_0');
