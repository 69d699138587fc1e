-- When the verdict of a build changed last, and lists in the order of arrival.
-- Loses: when verdicts changed. Feeds say nothing of these changes.
DROP INDEX "Build_jobId_platformId_id_idx";
DROP INDEX "Build_jobId_status_id_idx";
DROP INDEX "Build_jobId_id_idx";
DROP INDEX "Build_platformId_status_id_idx";
DROP INDEX "Build_platformId_id_idx";
DROP INDEX "Build_status_id_idx";
DROP INDEX "Build_receivedAt_id_idx";
ALTER TABLE "Build" DROP COLUMN "verdictAt";
