insert into import_job (id, created, by_email, file_name, bytes, state, done_bytes, read, accepted, ended)
values ('6f0f2f3e-0000-4000-8000-000000000003', '2020-12-02T00:00:00Z', 'ann@example.com', 'audit.csv', 100, 'done', 100, 1, 1, '2020-12-02T00:00:01Z');
