-- Analyses and descriptions of jobs become queued tasks. Results are kept, and are not computed again.
INSERT INTO "QueuedTask" ("kind", "key", "state", "priority", "attempts", "claims", "version", "dueAt", "error",
    "resultSha256", "resultSizeBytes", "summary", "createdAt", "startedAt", "finishedAt")
SELECT "kind",
    CASE "debugSha256" WHEN '' THEN "inputSha256" ELSE "inputSha256" || ':' || "debugSha256" END,
    CASE WHEN "state" = 'READY' THEN 'DONE'
        WHEN "state" = 'FAILED' AND "error" LIKE '%; it was tried % times' THEN 'DEAD'
        ELSE "state" END,
    10, "attempts", "attempts", "version", "dueAt", "error", "resultSha256", "resultSizeBytes", "summary", "dueAt",
    "startedAt", "finishedAt"
FROM "Analysis" ORDER BY "id";

-- The search for older builds goes on where it was. It begins again where results of an older version are left:
-- it is what runs those again.
INSERT INTO "QueuedTask" ("kind", "key", "state", "priority", "version", "dueAt", "createdAt", "progress")
SELECT 'BACKFILL_' || s."kind", '',
    CASE WHEN s."seenBuildId" = 0 AND NOT s."isOutdated" THEN 'DONE' ELSE 'PENDING' END, 20,
    CASE WHEN s."seenBuildId" = 0 AND NOT s."isOutdated" THEN s."version" ELSE 0 END,
    CAST(strftime('%s', 'now') AS INTEGER) * 1000, CAST(strftime('%s', 'now') AS INTEGER) * 1000,
    CASE WHEN s."seenBuildId" > 0 AND NOT s."isOutdated"
        THEN '{"version":' || s."version" || ',"beforeId":' || s."seenBuildId" || '}' END
FROM (SELECT *, EXISTS (SELECT 1 FROM "Analysis" a WHERE a."kind" = b."kind" AND a."version" < b."version"
        AND a."state" IN ('READY', 'FAILED')) AS "isOutdated" FROM "AnalysisSweep" b) s;

INSERT INTO "QueuedTask" ("kind", "key", "state", "priority", "dueAt", "createdAt")
SELECT 'DESCRIBE_JOB', "name", 'PENDING', 10,
    CAST(strftime('%s', 'now') AS INTEGER) * 1000, CAST(strftime('%s', 'now') AS INTEGER) * 1000
FROM "Job" WHERE "pendingSwitchSha256" IS NOT NULL;

DROP TABLE "Analysis";
DROP TABLE "AnalysisSweep";
