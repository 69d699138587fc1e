-- Rules of derived facts that the server rebuilds in the background.
-- Loses: which rules are still to be rebuilt.
DROP TABLE "FactRebuild";
DROP INDEX "Build_mainBinarySha256_platformId_jobId_startedAt_id_idx";
CREATE INDEX "Build_mainBinarySha256_platformId_idx" ON "Build"("mainBinarySha256", "platformId");
