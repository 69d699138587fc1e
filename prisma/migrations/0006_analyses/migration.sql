-- Artifacts that analyses read, beside their build.
ALTER TABLE "Build" ADD COLUMN "opamSwitchSha256" TEXT;
ALTER TABLE "Build" ADD COLUMN "debugBinarySha256" TEXT;

-- The builds that are stored already: two look-ups in an index of artifacts. Their analyses come later, in the background.
UPDATE "Build" SET
    "opamSwitchSha256" = (
        SELECT a."sha256" FROM "Artifact" a WHERE a."buildId" = "Build"."id" AND a."path" = 'opam-switch'),
    "debugBinarySha256" = (
        SELECT a."sha256" FROM "Artifact" a WHERE a."buildId" = "Build"."id" AND substr(a."path", -6) = '.debug'
        ORDER BY a."path" LIMIT 1);

CREATE TABLE "Analysis" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "inputSha256" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "dueAt" DATETIME NOT NULL,
    "startedAt" DATETIME,
    "finishedAt" DATETIME,
    "resultSha256" TEXT,
    "resultSizeBytes" BIGINT,
    "summary" TEXT
);

CREATE TABLE "AnalysisSweep" (
    "kind" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "seenBuildId" INTEGER NOT NULL
);

CREATE UNIQUE INDEX "Analysis_kind_inputSha256_key" ON "Analysis"("kind", "inputSha256");
CREATE INDEX "Analysis_state_dueAt_id_idx" ON "Analysis"("state", "dueAt", "id");
CREATE INDEX "Analysis_kind_version_state_idx" ON "Analysis"("kind", "version", "state");
