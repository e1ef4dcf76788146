create table decision_2020_12 (like decision including defaults including constraints);
alter table decision attach partition decision_2020_12
    for values from ('2020-12-01 00:00:00+00') to ('2021-01-01 00:00:00+00');
insert into decision (id, time, attempt, event, verdict, shadow, type, valid, api_key, reasons) values
('01763b5c-0000-4000-8000-000000000001', '2020-12-06T11:36:09Z',
 '6f0f2f3e-0000-4000-8000-000000000001', '6f0f2f3e-0000-4000-8000-000000000001',
 'deny', 'deny', 'mobile', true, 'app', '[{"code":"region"}]');
insert into trusted_number (phone, verified) values ('+14155550100', '2020-12-06T11:36:09Z');
