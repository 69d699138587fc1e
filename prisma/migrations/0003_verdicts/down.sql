-- The verdict of each build in a column, and how many builds of a job have it.
DROP INDEX "Build_verdict_startedAt_id_status_idx";
DROP INDEX "Build_platformId_verdict_startedAt_id_status_idx";
DROP INDEX "Build_jobId_verdict_startedAt_id_status_idx";
DROP INDEX "Build_jobId_platformId_verdict_startedAt_id_status_idx";
DROP INDEX "Build_mainBinarySha256_startedAt_id_inputId_idx";
CREATE INDEX "Build_mainBinarySha256_startedAt_id_idx" ON "Build"("mainBinarySha256", "startedAt", "id");
CREATE INDEX "Build_mainBinarySha256_inputId_idx" ON "Build"("mainBinarySha256", "inputId");

ALTER TABLE "JobPlatform" DROP COLUMN "unconfirmedCount";
ALTER TABLE "JobPlatform" DROP COLUMN "notReproducibleCount";
ALTER TABLE "JobPlatform" DROP COLUMN "reproducedCount";
ALTER TABLE "Output" DROP COLUMN "hasOtherOutput";
ALTER TABLE "Build" DROP COLUMN "verdict";
