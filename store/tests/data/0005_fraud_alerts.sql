insert into settings (section, version, document, changed, changed_by) values
('fraud-alerts', 1, '{"report_code": "77"}', '2020-12-01T00:00:00Z', 'ann@example.com');
insert into fraud_report (id, api_key, external_id, received, time, "user", user_key, channel, phone, attempt, action)
values ('6f0f2f3e-0000-4000-8000-000000000005', 'a1', 'r1', '2020-12-01T00:00:00Z', '2020-12-01T00:00:00Z',
'Bob@example.com', 'bob@example.com', 'voice', '+14155550100', '6f0f2f3e-0000-4000-8000-000000000001', 'no_action');
