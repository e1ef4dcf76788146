update import_job set dates = 'dmy';
