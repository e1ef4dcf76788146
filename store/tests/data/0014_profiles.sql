insert into fraud_report (id, api_key, external_id, received, time, "user", user_key, channel, phone, ip, attempt, action)
values ('6f0f2f3e-0000-4000-8000-000000000014', 'a1', 'r14', '2020-12-01T00:00:01Z', '2020-12-01T00:00:01Z',
'Ann@example.com', 'ann@example.com', 'sms', null, '198.51.100.23', '6f0f2f3e-0000-4000-8000-000000000001', 'no_action');
