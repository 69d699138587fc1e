-- Builds whose builder's clock was ahead begin when they were received; the times of the record are kept beside.
-- Loses: that descriptions of jobs with such builds were read. They are read again.
UPDATE "Build" SET "startedAt" = "recordStartedAt", "finishedAt" = "recordFinishedAt"
WHERE "recordStartedAt" IS NOT NULL;

-- What is derived from the times of these builds.
UPDATE "Artifact" SET "startedAt" = (SELECT b."startedAt" FROM "Build" b WHERE b."id" = "Artifact"."buildId")
WHERE "buildId" IN (SELECT "id" FROM "Build" WHERE "recordStartedAt" IS NOT NULL);

UPDATE "JobPlatform" SET
    "newestBuildId" = (
        SELECT b."id" FROM "Build" b
        WHERE b."jobId" = "JobPlatform"."jobId" AND b."platformId" = "JobPlatform"."platformId"
        ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1),
    "newestSuccessId" = (
        SELECT b."id" FROM "Build" b
        WHERE b."jobId" = "JobPlatform"."jobId" AND b."platformId" = "JobPlatform"."platformId" AND b."status" = 'SUCCEEDED'
        ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1),
    "newestMainBinaryId" = (
        SELECT b."id" FROM "Build" b
        WHERE b."jobId" = "JobPlatform"."jobId" AND b."platformId" = "JobPlatform"."platformId" AND b."mainBinarySha256" IS NOT NULL
        ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1)
WHERE ("jobId", "platformId") IN (SELECT "jobId", "platformId" FROM "Build" WHERE "recordStartedAt" IS NOT NULL);

UPDATE "Job" SET
    "newestSuccessAt" = (
        SELECT MAX(b."startedAt") FROM "Build" b
        WHERE b."jobId" = "Job"."id" AND (b."status" = 'SUCCEEDED' OR b."mainBinarySha256" IS NOT NULL)),
    ("readmeSha256", "readmeAt") = (
        SELECT b."readmeSha256", b."startedAt" FROM "Build" b
        WHERE b."jobId" = "Job"."id" AND b."readmeSha256" IS NOT NULL ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1),
    ("pendingSwitchSha256", "switchAt") = (
        SELECT b."opamSwitchSha256", b."startedAt" FROM "Build" b
        WHERE b."jobId" = "Job"."id" AND b."opamSwitchSha256" IS NOT NULL ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1)
WHERE "id" IN (SELECT "jobId" FROM "Build" WHERE "recordStartedAt" IS NOT NULL);

UPDATE "JobOutput" SET
    ("firstBuildId", "firstStartedAt") = (
        SELECT b."id", b."startedAt" FROM "Build" b
        WHERE b."mainBinarySha256" = "JobOutput"."sha256" AND b."jobId" = "JobOutput"."jobId"
            AND "JobOutput"."scope" IN (0, b."platformId")
        ORDER BY b."startedAt", b."id" LIMIT 1),
    ("lastBuildId", "lastStartedAt") = (
        SELECT b."id", b."startedAt" FROM "Build" b
        WHERE b."mainBinarySha256" = "JobOutput"."sha256" AND b."jobId" = "JobOutput"."jobId"
            AND "JobOutput"."scope" IN (0, b."platformId")
        ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1)
WHERE ("jobId", "sha256") IN (SELECT "jobId", "mainBinarySha256" FROM "Build" WHERE "recordStartedAt" IS NOT NULL);

DELETE FROM "JobPeriod"
WHERE ("jobId", "platformId") IN (SELECT "jobId", "platformId" FROM "Build" WHERE "recordStartedAt" IS NOT NULL);
-- As in 0007_history.
INSERT INTO "JobPeriod" ("jobId", "platformId", "unit", "startsAt", "endsAt", "buildCount", "failedCount",
    "reproducedCount", "notReproducibleCount", "unconfirmedCount", "durationSumMs", "durationMinMs", "durationMaxMs",
    "sizeMinBytes", "sizeMaxBytes", "sha256Min", "sha256Max")
SELECT "jobId", "platformId", "unit", "startsAt",
    CASE "unit"
        WHEN 'DAY' THEN "startsAt" + 86400000
        WHEN 'WEEK' THEN "startsAt" + 604800000
        ELSE CAST(strftime('%s', "startsAt" / 1000, 'unixepoch', '+1 month') AS INTEGER) * 1000
    END,
    COUNT(*), SUM("status" = 'FAILED'), SUM("verdict" = 'REPRODUCED'), SUM("verdict" = 'NOT_REPRODUCIBLE'),
    SUM("verdict" = 'UNCONFIRMED'), COALESCE(SUM("durationMs"), 0), MIN("durationMs"), MAX("durationMs"),
    MIN("sizeBytes"), MAX("sizeBytes"), MIN("sha256"), MAX("sha256")
FROM (
    SELECT b."jobId", b."platformId", u."unit", b."status", b."verdict",
        CASE b."status" WHEN 'SUCCEEDED' THEN b."finishedAt" - b."startedAt" END AS "durationMs",
        b."mainBinarySizeBytes" AS "sizeBytes", b."mainBinarySha256" AS "sha256",
        CASE u."unit"
            WHEN 'DAY' THEN b."startedAt" - ((b."startedAt" % 86400000) + 86400000) % 86400000
            WHEN 'WEEK' THEN b."startedAt" - (((b."startedAt" + 259200000) % 604800000) + 604800000) % 604800000
            ELSE CAST(strftime('%s', (b."startedAt" - ((b."startedAt" % 1000) + 1000) % 1000) / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000
        END AS "startsAt"
    FROM "Build" b
    JOIN (SELECT 'DAY' AS "unit" UNION ALL SELECT 'WEEK' UNION ALL SELECT 'MONTH') u
    WHERE (b."jobId", b."platformId") IN (SELECT "jobId", "platformId" FROM "Build" WHERE "recordStartedAt" IS NOT NULL)
) GROUP BY "jobId", "platformId", "unit", "startsAt";

ALTER TABLE "Build" DROP COLUMN "recordFinishedAt";
ALTER TABLE "Build" DROP COLUMN "recordStartedAt";
