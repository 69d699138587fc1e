-- The failure of a build is read from its console and the index of the console's lines: the index is part of the key
-- now. The results by the console alone are shown until the new version of the kind replaces them. Builds with one
-- console may have different indexes.
INSERT OR IGNORE INTO "Analysis" ("kind", "inputSha256", "debugSha256", "state", "version", "attempts", "error",
    "dueAt", "startedAt", "finishedAt", "resultSha256", "resultSizeBytes", "summary")
SELECT a."kind", a."inputSha256", b."consoleIndexSha256", a."state", a."version", a."attempts", a."error",
    a."dueAt", a."startedAt", a."finishedAt", a."resultSha256", a."resultSizeBytes", a."summary"
FROM (SELECT DISTINCT "consoleSha256", "consoleIndexSha256" FROM "Build" WHERE "status" = 'FAILED') b
CROSS JOIN "Analysis" a
WHERE a."kind" = 'FAILURE' AND a."inputSha256" = b."consoleSha256" AND a."debugSha256" = ''
ORDER BY a."id";

DELETE FROM "Analysis" WHERE "kind" = 'FAILURE' AND "debugSha256" = '';
