-- How a file that was brought in through the console writes dates that do not begin with the year.
alter table import_job
    add column dates text not null default 'plain' check (dates in ('plain', 'dmy', 'mdy'));
