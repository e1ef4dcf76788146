-- What retention asks for, so that no question of it takes longer as history grows.

create index fraud_report_handled on fraud_report (handled) where handled is not null;
create index block_over on block ((least(ended, until))) where least(ended, until) is not null;
create index bypass_over on bypass ((least(ended, used, until)));
create index outbox_over on outbox (created) where state <> 'waiting';
create index import_job_ended on import_job (ended) where ended is not null;
