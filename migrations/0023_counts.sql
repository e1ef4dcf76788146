-- Whether an event counts for the gate's limits and spend caps: what a key without the mark
-- `counts` tells of does not, nor does a captcha that was asked for and not solved. What is there
-- counts, as it did.

alter table event add column counts boolean not null default true;
