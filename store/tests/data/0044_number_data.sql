insert into number_data (version, name, digest, content, taken, taken_by) values
    (1, 'google-libphonenumber 3.2.47', repeat('ab', 32),
     'i18n.phonenumbers.metadata.countryToMetadata={};', '2026-11-20T12:00:00Z', 'command line'),
    (2, '9.0.42 (built in)', null, null, '2026-11-21T12:00:00Z', 'command line');
