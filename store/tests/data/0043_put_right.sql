insert into put_right values ('spellings', now(), '{"events": 3}');
