-- Analyses and descriptions of jobs become queued tasks.
-- Loses: that a task was to run again, or has begun. It runs again.
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
    "summary" TEXT,
    "debugSha256" TEXT NOT NULL DEFAULT ''
);
CREATE TABLE "AnalysisSweep" (
    "kind" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "seenBuildId" INTEGER NOT NULL
);
CREATE UNIQUE INDEX "Analysis_kind_inputSha256_debugSha256_key" ON "Analysis"("kind", "inputSha256", "debugSha256");
CREATE INDEX "Analysis_state_dueAt_id_idx" ON "Analysis"("state", "dueAt", "id");
CREATE INDEX "Analysis_kind_version_state_idx" ON "Analysis"("kind", "version", "state");

-- A task that was given up has an error that says so: the older version tells it from other failures by that.
INSERT INTO "Analysis" ("kind", "inputSha256", "debugSha256", "state", "version", "attempts", "error", "dueAt",
    "startedAt", "finishedAt", "resultSha256", "resultSizeBytes", "summary")
SELECT "kind", substr("key", 1, 64), substr("key", 66),
    CASE "state" WHEN 'DONE' THEN 'READY' WHEN 'DEAD' THEN 'FAILED' ELSE "state" END, "version", "attempts",
    CASE WHEN "state" = 'DEAD' AND coalesce("error", '') NOT LIKE '%; it was tried % times'
        THEN coalesce("error", 'no reason is known') || '; it was tried ' || "attempts" || ' times'
        ELSE "error" END,
    "dueAt", "startedAt", "finishedAt", "resultSha256", "resultSizeBytes", "summary"
FROM "QueuedTask" WHERE "kind" IN ('SOLO5', 'DEPENDENCIES', 'BINARY_SIZE', 'FAILURE') ORDER BY "id";

-- The search for older builds goes on where it was.
INSERT INTO "AnalysisSweep" ("kind", "version", "seenBuildId")
SELECT substr("kind", length('BACKFILL_') + 1),
    CASE "state" WHEN 'DONE' THEN "version" ELSE json_extract("progress", '$.version') END,
    CASE "state" WHEN 'DONE' THEN 0 ELSE json_extract("progress", '$.beforeId') END
FROM "QueuedTask"
WHERE "kind" IN ('BACKFILL_SOLO5', 'BACKFILL_DEPENDENCIES', 'BACKFILL_BINARY_SIZE', 'BACKFILL_FAILURE')
    AND ("state" = 'DONE' OR "progress" IS NOT NULL);

DELETE FROM "QueuedTask"
WHERE "kind" IN ('SOLO5', 'DEPENDENCIES', 'BINARY_SIZE', 'FAILURE', 'DESCRIBE_JOB', 'BACKFILL_SOLO5',
    'BACKFILL_DEPENDENCIES', 'BACKFILL_BINARY_SIZE', 'BACKFILL_FAILURE');
