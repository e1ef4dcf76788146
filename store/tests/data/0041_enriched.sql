update event_rewritten set n = 1;
update import_job set enriched = 1, ignored_kinds = '{"Sign-in activity": 2}';
