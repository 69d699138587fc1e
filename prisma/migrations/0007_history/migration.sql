-- What a job did on a platform in each day, week and month, so that its history costs the same however
-- many builds there are.
CREATE TABLE "JobPeriod" (
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "unit" TEXT NOT NULL,
    "startsAt" DATETIME NOT NULL,
    "endsAt" DATETIME NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "failedCount" INTEGER NOT NULL,
    "reproducedCount" INTEGER NOT NULL,
    "notReproducibleCount" INTEGER NOT NULL,
    "unconfirmedCount" INTEGER NOT NULL,
    "durationSumMs" BIGINT NOT NULL,
    "durationMinMs" BIGINT,
    "durationMaxMs" BIGINT,
    "sizeMinBytes" BIGINT,
    "sizeMaxBytes" BIGINT,
    "sha256Min" TEXT,
    "sha256Max" TEXT,

    PRIMARY KEY ("jobId", "platformId", "unit", "startsAt"),
    CONSTRAINT "JobPeriod_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- The builds that are stored already. 1970 began on a Thursday; the remainder of a negative number is negative.
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
) GROUP BY "jobId", "platformId", "unit", "startsAt";
