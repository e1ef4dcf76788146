-- Reports about one number, one address or one attempt, for their pages.

create index fraud_report_phone on fraud_report (phone) where phone is not null;
create index fraud_report_ip on fraud_report (ip) where ip is not null;
create index fraud_report_attempt on fraud_report (attempt);
