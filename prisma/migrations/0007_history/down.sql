-- What each job did in each day, week and month.
DROP TABLE "JobPeriod";
