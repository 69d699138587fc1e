-- Hashes are 32 bytes instead of 64 hexadecimal digits.

-- SQLite cannot change the type of a column, so each table is copied.
CREATE TABLE "new_Job" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "section" TEXT,
    "synopsis" TEXT,
    "description" TEXT,
    "readmeSha256" TEXT,
    "readmeAt" DATETIME,
    "newestSuccessAt" DATETIME,
    "pendingSwitchSha256" TEXT,
    "switchAt" DATETIME
);
INSERT INTO "new_Job" ("id", "name", "section", "synopsis", "description", "readmeSha256", "readmeAt",
    "newestSuccessAt", "pendingSwitchSha256", "switchAt")
SELECT "id", "name", "section", "synopsis", "description", lower(nullif(hex("readmeSha256"), '')), "readmeAt",
    "newestSuccessAt", lower(nullif(hex("pendingSwitchSha256"), '')), "switchAt"
FROM "Job" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_Job';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_Job', "seq" FROM sqlite_sequence WHERE "name" = 'Job';
DROP TABLE "Job";
ALTER TABLE "new_Job" RENAME TO "Job";

CREATE TABLE "new_Build" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "finishedAt" DATETIME NOT NULL,
    "receivedAt" DATETIME NOT NULL,
    "status" TEXT NOT NULL,
    "resultKind" TEXT NOT NULL,
    "resultCode" BIGINT,
    "resultMessage" BLOB,
    "inputId" TEXT,
    "mainBinaryId" INTEGER,
    "mainBinarySha256" TEXT,
    "uploaderId" INTEGER,
    "scriptSha256" TEXT NOT NULL,
    "scriptSizeBytes" BIGINT NOT NULL,
    "consoleSha256" TEXT NOT NULL,
    "consoleSizeBytes" BIGINT NOT NULL,
    "consoleIndexSha256" TEXT NOT NULL,
    "consoleLineCount" INTEGER NOT NULL,
    "readmeSha256" TEXT,
    "artifactCount" INTEGER NOT NULL,
    "artifactsSizeBytes" BIGINT NOT NULL,
    "verdict" TEXT NOT NULL DEFAULT 'NO_OUTPUT',
    "mainBinaryPath" TEXT,
    "mainBinarySizeBytes" BIGINT,
    "opamSwitchSha256" TEXT,
    "debugBinarySha256" TEXT,
    "readmePath" TEXT,
    "verdictAt" DATETIME,
    "consoleDerBytes" BIGINT,
    "recordStartedAt" DATETIME,
    "recordFinishedAt" DATETIME,
    CONSTRAINT "Build_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Build_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Build_mainBinaryId_fkey" FOREIGN KEY ("mainBinaryId") REFERENCES "Artifact" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Build_uploaderId_fkey" FOREIGN KEY ("uploaderId") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_Build" ("id", "uuid", "jobId", "platformId", "startedAt", "finishedAt", "receivedAt",
    "status", "resultKind", "resultCode", "resultMessage", "inputId", "mainBinaryId", "mainBinarySha256",
    "uploaderId", "scriptSha256", "scriptSizeBytes", "consoleSha256", "consoleSizeBytes",
    "consoleIndexSha256", "consoleLineCount", "readmeSha256", "artifactCount", "artifactsSizeBytes",
    "verdict", "mainBinaryPath", "mainBinarySizeBytes", "opamSwitchSha256", "debugBinarySha256", "readmePath",
    "verdictAt", "consoleDerBytes", "recordStartedAt", "recordFinishedAt")
SELECT "id", "uuid", "jobId", "platformId", "startedAt", "finishedAt", "receivedAt", "status", "resultKind",
    "resultCode", "resultMessage", lower(nullif(hex("inputId"), '')), "mainBinaryId",
    lower(nullif(hex("mainBinarySha256"), '')), "uploaderId", lower(nullif(hex("scriptSha256"), '')),
    "scriptSizeBytes", lower(nullif(hex("consoleSha256"), '')), "consoleSizeBytes",
    lower(nullif(hex("consoleIndexSha256"), '')), "consoleLineCount", lower(nullif(hex("readmeSha256"), '')),
    "artifactCount", "artifactsSizeBytes", "verdict", "mainBinaryPath", "mainBinarySizeBytes",
    lower(nullif(hex("opamSwitchSha256"), '')), lower(nullif(hex("debugBinarySha256"), '')), "readmePath",
    "verdictAt", "consoleDerBytes", "recordStartedAt", "recordFinishedAt"
FROM "Build" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_Build';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_Build', "seq" FROM sqlite_sequence WHERE "name" = 'Build';
DROP TABLE "Build";
ALTER TABLE "new_Build" RENAME TO "Build";

CREATE TABLE "new_Artifact" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "buildId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    CONSTRAINT "Artifact_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_Artifact" ("id", "buildId", "path", "sha256", "sizeBytes", "startedAt")
SELECT "id", "buildId", "path", lower(nullif(hex("sha256"), '')), "sizeBytes", "startedAt"
FROM "Artifact" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_Artifact';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_Artifact', "seq" FROM sqlite_sequence WHERE "name" = 'Artifact';
DROP TABLE "Artifact";
ALTER TABLE "new_Artifact" RENAME TO "Artifact";

CREATE TABLE "new_Output" (
    "sha256" TEXT NOT NULL PRIMARY KEY,
    "buildCount" INTEGER NOT NULL,
    "inputCount" INTEGER NOT NULL,
    "hasOtherOutput" BOOLEAN NOT NULL DEFAULT false
);
INSERT INTO "new_Output" ("sha256", "buildCount", "inputCount", "hasOtherOutput")
SELECT lower(nullif(hex("sha256"), '')), "buildCount", "inputCount", "hasOtherOutput"
FROM "Output";
DROP TABLE "Output";
ALTER TABLE "new_Output" RENAME TO "Output";

CREATE TABLE "new_JobOutput" (
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
INSERT INTO "new_JobOutput" ("jobId", "scope", "sha256", "sizeBytes", "buildCount", "firstBuildId",
    "firstStartedAt", "lastBuildId", "lastStartedAt")
SELECT "jobId", "scope", lower(nullif(hex("sha256"), '')), "sizeBytes", "buildCount", "firstBuildId",
    "firstStartedAt", "lastBuildId", "lastStartedAt"
FROM "JobOutput";
DROP TABLE "JobOutput";
ALTER TABLE "new_JobOutput" RENAME TO "JobOutput";

CREATE TABLE "new_QueuedTask" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claims" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 0,
    "isWantedAgain" BOOLEAN NOT NULL DEFAULT false,
    "dueAt" DATETIME NOT NULL,
    "leaseOwner" TEXT,
    "leaseUntil" DATETIME,
    "payload" TEXT,
    "progress" TEXT,
    "error" TEXT,
    "resultSha256" TEXT,
    "resultSizeBytes" BIGINT,
    "summary" TEXT,
    "createdAt" DATETIME NOT NULL,
    "startedAt" DATETIME,
    "finishedAt" DATETIME
);
INSERT INTO "new_QueuedTask" ("id", "kind", "key", "state", "priority", "attempts", "claims", "version",
    "isWantedAgain", "dueAt", "leaseOwner", "leaseUntil", "payload", "progress", "error", "resultSha256",
    "resultSizeBytes", "summary", "createdAt", "startedAt", "finishedAt")
SELECT "id", "kind", "key", "state", "priority", "attempts", "claims", "version", "isWantedAgain", "dueAt",
    "leaseOwner", "leaseUntil", "payload", "progress", "error", lower(nullif(hex("resultSha256"), '')),
    "resultSizeBytes", "summary", "createdAt", "startedAt", "finishedAt"
FROM "QueuedTask" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_QueuedTask';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_QueuedTask', "seq" FROM sqlite_sequence WHERE "name" = 'QueuedTask';
DROP TABLE "QueuedTask";
ALTER TABLE "new_QueuedTask" RENAME TO "QueuedTask";

CREATE TABLE "new_JobPeriod" (
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
INSERT INTO "new_JobPeriod" ("jobId", "platformId", "unit", "startsAt", "endsAt", "buildCount", "failedCount",
    "reproducedCount", "notReproducibleCount", "unconfirmedCount", "durationSumMs", "durationMinMs",
    "durationMaxMs", "sizeMinBytes", "sizeMaxBytes", "sha256Min", "sha256Max")
SELECT "jobId", "platformId", "unit", "startsAt", "endsAt", "buildCount", "failedCount", "reproducedCount",
    "notReproducibleCount", "unconfirmedCount", "durationSumMs", "durationMinMs", "durationMaxMs",
    "sizeMinBytes", "sizeMaxBytes", lower(nullif(hex("sha256Min"), '')), lower(nullif(hex("sha256Max"), ''))
FROM "JobPeriod";
DROP TABLE "JobPeriod";
ALTER TABLE "new_JobPeriod" RENAME TO "JobPeriod";

CREATE UNIQUE INDEX "Job_name_key" ON "Job"("name");
CREATE INDEX "Job_section_name_idx" ON "Job"("section", "name");
CREATE UNIQUE INDEX "Build_uuid_key" ON "Build"("uuid");
CREATE UNIQUE INDEX "Build_mainBinaryId_key" ON "Build"("mainBinaryId");
CREATE INDEX "Build_startedAt_id_idx" ON "Build"("startedAt", "id");
CREATE INDEX "Build_status_startedAt_id_idx" ON "Build"("status", "startedAt", "id");
CREATE INDEX "Build_platformId_startedAt_id_idx" ON "Build"("platformId", "startedAt", "id");
CREATE INDEX "Build_platformId_status_startedAt_id_idx" ON "Build"("platformId", "status", "startedAt", "id");
CREATE INDEX "Build_jobId_startedAt_id_idx" ON "Build"("jobId", "startedAt", "id");
CREATE INDEX "Build_jobId_status_startedAt_id_idx" ON "Build"("jobId", "status", "startedAt", "id");
CREATE INDEX "Build_jobId_platformId_status_startedAt_id_idx" ON "Build"("jobId", "platformId", "status", "startedAt", "id");
CREATE INDEX "Build_uploaderId_idx" ON "Build"("uploaderId");
CREATE INDEX "Artifact_sha256_startedAt_id_idx" ON "Artifact"("sha256", "startedAt", "id");
CREATE UNIQUE INDEX "Artifact_buildId_path_key" ON "Artifact"("buildId", "path");
CREATE INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_idx" ON "Build"("jobId", "platformId", "startedAt", "id", "mainBinarySha256");
CREATE INDEX "Build_inputId_mainBinarySha256_startedAt_id_idx" ON "Build"("inputId", "mainBinarySha256", "startedAt", "id");
CREATE INDEX "Build_mainBinarySha256_uploaderId_idx" ON "Build"("mainBinarySha256", "uploaderId");
CREATE INDEX "JobOutput_jobId_scope_lastStartedAt_lastBuildId_idx" ON "JobOutput"("jobId", "scope", "lastStartedAt", "lastBuildId");
CREATE INDEX "JobOutput_firstBuildId_idx" ON "JobOutput"("firstBuildId");
CREATE INDEX "JobOutput_lastBuildId_idx" ON "JobOutput"("lastBuildId");
CREATE INDEX "Build_verdict_startedAt_id_status_idx" ON "Build"("verdict", "startedAt", "id", "status");
CREATE INDEX "Build_platformId_verdict_startedAt_id_status_idx" ON "Build"("platformId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_jobId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_jobId_platformId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "platformId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_mainBinarySha256_startedAt_id_inputId_idx" ON "Build"("mainBinarySha256", "startedAt", "id", "inputId");
CREATE INDEX "Build_receivedAt_id_idx" ON "Build"("receivedAt", "id");
CREATE INDEX "Build_status_id_idx" ON "Build"("status", "id");
CREATE INDEX "Build_platformId_id_idx" ON "Build"("platformId", "id");
CREATE INDEX "Build_platformId_status_id_idx" ON "Build"("platformId", "status", "id");
CREATE INDEX "Build_jobId_id_idx" ON "Build"("jobId", "id");
CREATE INDEX "Build_jobId_status_id_idx" ON "Build"("jobId", "status", "id");
CREATE INDEX "Build_jobId_platformId_id_idx" ON "Build"("jobId", "platformId", "id");
CREATE INDEX "Build_mainBinarySha256_platformId_jobId_startedAt_id_idx" ON "Build"("mainBinarySha256", "platformId", "jobId", "startedAt", "id");
CREATE INDEX "QueuedTask_kind_state_priority_dueAt_id_idx" ON "QueuedTask"("kind", "state", "priority", "dueAt", "id");
CREATE UNIQUE INDEX "QueuedTask_kind_key_key" ON "QueuedTask"("kind", "key");
