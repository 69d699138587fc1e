-- Scheduling: what is built when, the queues of platforms, runs and their tries, templates and workers.
-- Loses: all schedules, templates, queues, and the history of runs. Builds stay.
DELETE FROM "QueuedTask" WHERE kind IN ('PRUNE_RUNS', 'REPRODUCE');
DROP TABLE "RunTry";
DROP TABLE "Run";
DROP TABLE "BuildWorker";
DROP TABLE "RunScript";
DROP TABLE "PlatformQueue";
DROP TABLE "Template";
DROP TABLE "ScheduleVersion";
DROP TABLE "Schedule";
