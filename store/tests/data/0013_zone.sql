update account set zone = 'Europe/Berlin' where id = '6f0f2f3e-0000-4000-8000-00000000000a';
