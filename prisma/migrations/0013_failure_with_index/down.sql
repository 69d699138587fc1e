-- The failure of a build is read from its console and the index of the console's lines.
-- Loses: all but the first result of consoles that have several indexes. The upgrade gives all of them that one.
INSERT OR IGNORE INTO "Analysis" ("kind", "inputSha256", "debugSha256", "state", "version", "attempts", "error",
    "dueAt", "startedAt", "finishedAt", "resultSha256", "resultSizeBytes", "summary")
SELECT "kind", "inputSha256", '', "state", "version", "attempts", "error", "dueAt", "startedAt", "finishedAt",
    "resultSha256", "resultSizeBytes", "summary"
FROM "Analysis" WHERE "kind" = 'FAILURE' AND "debugSha256" <> '' ORDER BY "id";

DELETE FROM "Analysis" WHERE "kind" = 'FAILURE' AND "debugSha256" <> '';
