insert into captcha_used (id, expires) values
('6f0f2f3e-0000-4000-8000-00000000c0de', '2020-12-01T00:10:00Z');
