-- What a job's opam switch says of it is read after the upload; remembered until that is done.
ALTER TABLE "Job" ADD COLUMN "pendingSwitchSha256" TEXT;
ALTER TABLE "Job" ADD COLUMN "switchAt" DATETIME;

-- Distinct main binaries, so that no page groups or counts builds.
CREATE TABLE "Output" (
    "sha256" TEXT NOT NULL PRIMARY KEY,
    "buildCount" INTEGER NOT NULL,
    "inputCount" INTEGER NOT NULL
);

CREATE TABLE "JobOutput" (
    "jobId" INTEGER NOT NULL,
    "scope" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "firstBuildId" INTEGER NOT NULL,
    "firstStartedAt" DATETIME NOT NULL,
    "lastBuildId" INTEGER NOT NULL,
    "lastStartedAt" DATETIME NOT NULL,

    PRIMARY KEY ("jobId", "scope", "sha256"),
    CONSTRAINT "JobOutput_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "JobOutput_firstBuildId_fkey" FOREIGN KEY ("firstBuildId") REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "JobOutput_lastBuildId_fkey" FOREIGN KEY ("lastBuildId") REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

DROP INDEX "Build_jobId_platformId_startedAt_id_idx";
CREATE INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_idx" ON "Build"("jobId", "platformId", "startedAt", "id", "mainBinarySha256");
DROP INDEX "Build_inputId_idx";
CREATE INDEX "Build_inputId_mainBinarySha256_startedAt_id_idx" ON "Build"("inputId", "mainBinarySha256", "startedAt", "id");
DROP INDEX "Build_mainBinarySha256_idx";
CREATE INDEX "Build_mainBinarySha256_startedAt_id_idx" ON "Build"("mainBinarySha256", "startedAt", "id");
CREATE INDEX "Build_mainBinarySha256_inputId_idx" ON "Build"("mainBinarySha256", "inputId");
CREATE INDEX "Build_mainBinarySha256_platformId_idx" ON "Build"("mainBinarySha256", "platformId");
CREATE INDEX "Build_mainBinarySha256_uploaderId_idx" ON "Build"("mainBinarySha256", "uploaderId");
CREATE INDEX "JobOutput_jobId_scope_lastStartedAt_lastBuildId_idx" ON "JobOutput"("jobId", "scope", "lastStartedAt", "lastBuildId");
CREATE INDEX "JobOutput_firstBuildId_idx" ON "JobOutput"("firstBuildId");
CREATE INDEX "JobOutput_lastBuildId_idx" ON "JobOutput"("lastBuildId");

-- The builds that are stored already.
INSERT INTO "Output" ("sha256", "buildCount", "inputCount")
SELECT "mainBinarySha256", COUNT(*), COUNT(DISTINCT "inputId")
FROM "Build" WHERE "mainBinarySha256" IS NOT NULL GROUP BY "mainBinarySha256";

INSERT INTO "JobOutput" ("jobId", "scope", "sha256", "sizeBytes", "buildCount", "firstBuildId", "firstStartedAt", "lastBuildId", "lastStartedAt")
SELECT "jobId", "scope", "sha256", MAX("sizeBytes"), COUNT(*),
       MAX(CASE WHEN "fromFirst" = 1 THEN "id" END), MIN("startedAt"),
       MAX(CASE WHEN "fromLast" = 1 THEN "id" END), MAX("startedAt")
FROM (
    SELECT b."id", b."jobId", s."scope", b."mainBinarySha256" AS "sha256", b."startedAt", a."sizeBytes",
           ROW_NUMBER() OVER (PARTITION BY b."jobId", s."scope", b."mainBinarySha256" ORDER BY b."startedAt", b."id") AS "fromFirst",
           ROW_NUMBER() OVER (PARTITION BY b."jobId", s."scope", b."mainBinarySha256" ORDER BY b."startedAt" DESC, b."id" DESC) AS "fromLast"
    FROM "Build" b
    JOIN "Artifact" a ON a."id" = b."mainBinaryId"
    JOIN (SELECT 0 AS "scope" UNION ALL SELECT "id" FROM "Platform") s ON s."scope" IN (0, b."platformId")
) GROUP BY "jobId", "scope", "sha256";

UPDATE "Job" SET
    "pendingSwitchSha256" = (
        SELECT a."sha256" FROM "Artifact" a JOIN "Build" b ON b."id" = a."buildId"
        WHERE b."jobId" = "Job"."id" AND a."path" = 'opam-switch' ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1),
    "switchAt" = (
        SELECT b."startedAt" FROM "Artifact" a JOIN "Build" b ON b."id" = a."buildId"
        WHERE b."jobId" = "Job"."id" AND a."path" = 'opam-switch' ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1);
