insert into alert_told (kind, key, told) values ('surge', 'JM sends 446424', '2020-12-01T00:00:00Z');
