create table event_2020_12 (like event including defaults including constraints);
alter table event attach partition event_2020_12 for values from ('2020-12-01 00:00:00+00') to ('2021-01-01 00:00:00+00');
insert into event_key (key) values ('6f0f2f3e-0000-4000-8000-000000000001');
insert into event (key, attempt, time, received, source, id, kind, journey, "user", phone, region, channel, ip, user_agent, browser, os, reason, reason_text, cost_amount, cost_currency, extra)
values ('6f0f2f3e-0000-4000-8000-000000000001', '6f0f2f3e-0000-4000-8000-000000000002', '2020-12-01T04:05:45Z', '2020-12-02T00:00:00Z', 'b2c', 'B2C_1', 'failed', 'j', 'u', '+14155552700', 'US', 'sms', '203.0.113.7', 'Mozilla/5.0', 'Other', 'Other', 'number_invalid', 'The phone number entered is invalid.', 0.0300, 'EUR', '{"operation": "Send SMS"}');
insert into attempt (id, time, outcome, outcome_time, reason, journey, phone, origins)
values ('6f0f2f3e-0000-4000-8000-000000000002', '2020-12-01T04:05:45Z', 'failed', '2020-12-01T04:05:45Z', 'number_invalid', 'j', '+14155552700', '{1606795545000000,null,1606795545000000,null,null,null,null,null,null,null,null}');
insert into tally (grain, dim, bucket, channel, key, detail, writer, n) values (1, 1, '2020-12-01T04:05:00Z', 'sms', 'failed', '', 1, 1);
insert into source_stat (source, writer, live, first_received, last_received, last_event, accepted, duplicates, rejected, longest_silence)
values ('b2c', 1, false, '2020-12-02T00:00:00Z', '2020-12-02T00:00:00Z', '2020-12-01T04:05:45Z', 1, 0, 0, '0');
