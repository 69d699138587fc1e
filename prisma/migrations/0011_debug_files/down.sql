-- Analyses that read a second file.
-- Loses: the results that came from two files. They are computed again.
DELETE FROM "Analysis" WHERE "debugSha256" <> '';
-- The search for builds that lack such a result begins again.
DELETE FROM "AnalysisSweep" WHERE "kind" = 'BINARY_SIZE';

DROP INDEX "Analysis_kind_inputSha256_debugSha256_key";
ALTER TABLE "Analysis" DROP COLUMN "debugSha256";
CREATE UNIQUE INDEX "Analysis_kind_inputSha256_key" ON "Analysis"("kind", "inputSha256");
