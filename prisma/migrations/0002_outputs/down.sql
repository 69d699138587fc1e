-- Distinct main binaries of each job, and opam switches that are still to be read.
-- Loses: which descriptions of jobs were read from opam switches. All are read again.
DROP TABLE "JobOutput";
DROP TABLE "Output";

DROP INDEX "Build_mainBinarySha256_uploaderId_idx";
DROP INDEX "Build_mainBinarySha256_platformId_idx";
DROP INDEX "Build_mainBinarySha256_inputId_idx";
DROP INDEX "Build_mainBinarySha256_startedAt_id_idx";
CREATE INDEX "Build_mainBinarySha256_idx" ON "Build"("mainBinarySha256");
DROP INDEX "Build_inputId_mainBinarySha256_startedAt_id_idx";
CREATE INDEX "Build_inputId_idx" ON "Build"("inputId");
DROP INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_idx";
CREATE INDEX "Build_jobId_platformId_startedAt_id_idx" ON "Build"("jobId", "platformId", "startedAt", "id");

ALTER TABLE "Job" DROP COLUMN "switchAt";
ALTER TABLE "Job" DROP COLUMN "pendingSwitchSha256";
