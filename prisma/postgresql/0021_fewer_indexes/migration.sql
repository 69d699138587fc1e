-- Most builds succeed: an index of the few that fail, and the status at the end of the indexes of all builds, replace
-- indexes that had each build under its status. A job may fail for years: its successes have indexes of their own.
DROP INDEX "Build_jobId_id_idx";
DROP INDEX "Build_jobId_platformId_id_idx";
DROP INDEX "Build_platformId_id_idx";
DROP INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_idx";
DROP INDEX "Build_jobId_platformId_status_startedAt_id_idx";
DROP INDEX "Build_jobId_startedAt_id_idx";
DROP INDEX "Build_jobId_status_id_idx";
DROP INDEX "Build_jobId_status_startedAt_id_idx";
DROP INDEX "Build_platformId_startedAt_id_idx";
DROP INDEX "Build_platformId_status_id_idx";
DROP INDEX "Build_platformId_status_startedAt_id_idx";
DROP INDEX "Build_startedAt_id_idx";
DROP INDEX "Build_status_id_idx";
DROP INDEX "Build_status_startedAt_id_idx";

CREATE INDEX "Build_failed_id_idx" ON "Build"("id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_jobId_id_idx" ON "Build"("jobId", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_jobId_platformId_id_idx" ON "Build"("jobId", "platformId", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_jobId_platformId_startedAt_id_idx" ON "Build"("jobId", "platformId", "startedAt", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_jobId_startedAt_id_idx" ON "Build"("jobId", "startedAt", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_platformId_id_idx" ON "Build"("platformId", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_platformId_startedAt_id_idx" ON "Build"("platformId", "startedAt", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_failed_startedAt_id_idx" ON "Build"("startedAt", "id") WHERE "status" = 'FAILED';
CREATE INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_status_idx" ON "Build"("jobId", "platformId", "startedAt", "id", "mainBinarySha256", "status");
CREATE INDEX "Build_jobId_startedAt_id_status_idx" ON "Build"("jobId", "startedAt", "id", "status");
CREATE INDEX "Build_platformId_startedAt_id_status_idx" ON "Build"("platformId", "startedAt", "id", "status");
CREATE INDEX "Build_startedAt_id_status_idx" ON "Build"("startedAt", "id", "status");
CREATE INDEX "Build_jobId_id_status_idx" ON "Build"("jobId", "id", "status");
CREATE INDEX "Build_jobId_platformId_id_status_idx" ON "Build"("jobId", "platformId", "id", "status");
CREATE INDEX "Build_platformId_id_status_idx" ON "Build"("platformId", "id", "status");
CREATE INDEX "Build_succeeded_jobId_platformId_startedAt_id_idx" ON "Build"("jobId", "platformId", "startedAt", "id") WHERE "status" = 'SUCCEEDED';
CREATE INDEX "Build_succeeded_jobId_startedAt_id_idx" ON "Build"("jobId", "startedAt", "id") WHERE "status" = 'SUCCEEDED';

-- The migration before this one gave columns another type, and with it took what PostgreSQL knew of their values.
ANALYZE "Artifact";
ANALYZE "Build";
ANALYZE "Job";
ANALYZE "JobOutput";
ANALYZE "JobPeriod";
ANALYZE "Output";
ANALYZE "QueuedTask";
