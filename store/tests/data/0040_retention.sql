-- Indexes alone: nothing for the next migration to meet.
select 1;
