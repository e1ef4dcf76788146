insert into event_key (key) values ('6f0f2f3e-0000-4000-8000-000000000021');
insert into event (key, attempt, time, received, source, id, kind, counts)
values ('6f0f2f3e-0000-4000-8000-000000000021', '6f0f2f3e-0000-4000-8000-000000000022', '2020-12-01T05:00:00Z', '2020-12-02T00:00:00Z', 'shop', '1', 'sent', false);
