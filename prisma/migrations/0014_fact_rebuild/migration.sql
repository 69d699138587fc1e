-- Rules of derived facts that the server rebuilds in the background. A migration that changes what is derived from
-- builds adds a row here, and computes nothing itself.
CREATE TABLE "FactRebuild" (
    "rule" TEXT NOT NULL PRIMARY KEY,
    "doneJobId" INTEGER NOT NULL DEFAULT 0
);

-- Finds the first and the last build of a main binary for a job on a platform, when one of them is removed.
DROP INDEX "Build_mainBinarySha256_platformId_idx";
CREATE INDEX "Build_mainBinarySha256_platformId_jobId_startedAt_id_idx" ON "Build"("mainBinarySha256", "platformId", "jobId", "startedAt", "id");
