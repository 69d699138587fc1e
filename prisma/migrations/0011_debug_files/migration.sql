-- An analysis may read a second file: the debug information of the binary. Empty: none.
ALTER TABLE "Analysis" ADD COLUMN "debugSha256" TEXT NOT NULL DEFAULT '';

DROP INDEX "Analysis_kind_inputSha256_key";
CREATE UNIQUE INDEX "Analysis_kind_inputSha256_debugSha256_key" ON "Analysis"("kind", "inputSha256", "debugSha256");

-- These read a file with debug information as if it were the binary. The new version of the kind looks
-- at all builds again, and reads both.
DELETE FROM "Analysis" WHERE "kind" = 'BINARY_SIZE' AND "inputSha256" IN (
    SELECT "debugBinarySha256" FROM "Build" WHERE "debugBinarySha256" IS NOT NULL AND "mainBinarySha256" IS NOT NULL
);
