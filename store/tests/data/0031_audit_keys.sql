insert into audit_key (number, sealed, retired) values (1, '\x00', now());
