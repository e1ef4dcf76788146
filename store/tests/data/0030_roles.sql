select make_partition('event', '2026-03-01'), make_partition('decision', '2026-03-01');
