-- Hashes are 32 bytes instead of 64 hexadecimal digits. SQLite cannot change the type of a column, so each table is
-- copied. The server applies this without foreign keys, and checks them afterwards.

-- A text that is no hash stops the migration and is named: nothing is lost.
CREATE TEMP TABLE "NoHash" ("row" TEXT, "value" TEXT);
CREATE TEMP TRIGGER "NoHash_found" BEFORE INSERT ON "NoHash" BEGIN
    SELECT RAISE(ABORT, NEW."row" || ' is ' || quote(NEW."value")
        || ', not the 64 hexadecimal digits of a SHA-256: correct this row, and start this version again');
END;
INSERT INTO "NoHash" SELECT 'Job.readmeSha256 of the row with id ' || "id", "readmeSha256" FROM "Job"
    WHERE "readmeSha256" IS NOT NULL AND (unhex("readmeSha256") IS NULL OR length("readmeSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Job.pendingSwitchSha256 of the row with id ' || "id", "pendingSwitchSha256" FROM "Job"
    WHERE "pendingSwitchSha256" IS NOT NULL AND (unhex("pendingSwitchSha256") IS NULL OR length("pendingSwitchSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.inputId of the row with id ' || "id", "inputId" FROM "Build"
    WHERE "inputId" IS NOT NULL AND (unhex("inputId") IS NULL OR length("inputId") <> 64);
INSERT INTO "NoHash" SELECT 'Build.mainBinarySha256 of the row with id ' || "id", "mainBinarySha256" FROM "Build"
    WHERE "mainBinarySha256" IS NOT NULL AND (unhex("mainBinarySha256") IS NULL OR length("mainBinarySha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.opamSwitchSha256 of the row with id ' || "id", "opamSwitchSha256" FROM "Build"
    WHERE "opamSwitchSha256" IS NOT NULL AND (unhex("opamSwitchSha256") IS NULL OR length("opamSwitchSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.debugBinarySha256 of the row with id ' || "id", "debugBinarySha256" FROM "Build"
    WHERE "debugBinarySha256" IS NOT NULL AND (unhex("debugBinarySha256") IS NULL OR length("debugBinarySha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.scriptSha256 of the row with id ' || "id", "scriptSha256" FROM "Build"
    WHERE "scriptSha256" IS NOT NULL AND (unhex("scriptSha256") IS NULL OR length("scriptSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.consoleSha256 of the row with id ' || "id", "consoleSha256" FROM "Build"
    WHERE "consoleSha256" IS NOT NULL AND (unhex("consoleSha256") IS NULL OR length("consoleSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.consoleIndexSha256 of the row with id ' || "id", "consoleIndexSha256" FROM "Build"
    WHERE "consoleIndexSha256" IS NOT NULL AND (unhex("consoleIndexSha256") IS NULL OR length("consoleIndexSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Build.readmeSha256 of the row with id ' || "id", "readmeSha256" FROM "Build"
    WHERE "readmeSha256" IS NOT NULL AND (unhex("readmeSha256") IS NULL OR length("readmeSha256") <> 64);
INSERT INTO "NoHash" SELECT 'Artifact.sha256 of the row with id ' || "id", "sha256" FROM "Artifact"
    WHERE "sha256" IS NOT NULL AND (unhex("sha256") IS NULL OR length("sha256") <> 64);
INSERT INTO "NoHash" SELECT 'Output.sha256', "sha256" FROM "Output"
    WHERE "sha256" IS NOT NULL AND (unhex("sha256") IS NULL OR length("sha256") <> 64);
INSERT INTO "NoHash" SELECT 'JobOutput.sha256 of the row with jobId ' || "jobId" || ', scope ' || "scope", "sha256" FROM "JobOutput"
    WHERE "sha256" IS NOT NULL AND (unhex("sha256") IS NULL OR length("sha256") <> 64);
INSERT INTO "NoHash" SELECT 'QueuedTask.resultSha256 of the row with id ' || "id", "resultSha256" FROM "QueuedTask"
    WHERE "resultSha256" IS NOT NULL AND (unhex("resultSha256") IS NULL OR length("resultSha256") <> 64);
INSERT INTO "NoHash" SELECT 'JobPeriod.sha256Min of the row with jobId ' || "jobId" || ', platformId ' || "platformId" || ', unit ' || "unit" || ', startsAt ' || "startsAt", "sha256Min" FROM "JobPeriod"
    WHERE "sha256Min" IS NOT NULL AND (unhex("sha256Min") IS NULL OR length("sha256Min") <> 64);
INSERT INTO "NoHash" SELECT 'JobPeriod.sha256Max of the row with jobId ' || "jobId" || ', platformId ' || "platformId" || ', unit ' || "unit" || ', startsAt ' || "startsAt", "sha256Max" FROM "JobPeriod"
    WHERE "sha256Max" IS NOT NULL AND (unhex("sha256Max") IS NULL OR length("sha256Max") <> 64);
DROP TABLE "NoHash";

CREATE TABLE "new_Job" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "section" TEXT,
    "synopsis" TEXT,
    "description" TEXT,
    "readmeSha256" BLOB,
    "readmeAt" DATETIME,
    "newestSuccessAt" DATETIME,
    "pendingSwitchSha256" BLOB,
    "switchAt" DATETIME,
    CONSTRAINT "Job_readmeSha256_hash" CHECK ("readmeSha256" IS NULL OR typeof("readmeSha256") = 'blob' AND length("readmeSha256") = 32),
    CONSTRAINT "Job_pendingSwitchSha256_hash" CHECK ("pendingSwitchSha256" IS NULL OR typeof("pendingSwitchSha256") = 'blob' AND length("pendingSwitchSha256") = 32)
);
INSERT INTO "new_Job" ("id", "name", "section", "synopsis", "description", "readmeSha256", "readmeAt",
    "newestSuccessAt", "pendingSwitchSha256", "switchAt")
SELECT "id", "name", "section", "synopsis", "description", unhex("readmeSha256"), "readmeAt", "newestSuccessAt",
    unhex("pendingSwitchSha256"), "switchAt" FROM "Job" ORDER BY "id";
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
    "recordStartedAt" DATETIME,
    "recordFinishedAt" DATETIME,
    "status" TEXT NOT NULL,
    "resultKind" TEXT NOT NULL,
    "resultCode" BIGINT,
    "resultMessage" BLOB,
    "inputId" BLOB,
    "mainBinaryId" INTEGER,
    "mainBinaryPath" TEXT,
    "mainBinarySha256" BLOB,
    "mainBinarySizeBytes" BIGINT,
    "opamSwitchSha256" BLOB,
    "debugBinarySha256" BLOB,
    "verdict" TEXT NOT NULL DEFAULT 'NO_OUTPUT',
    "verdictAt" DATETIME,
    "uploaderId" INTEGER,
    "scriptSha256" BLOB NOT NULL,
    "scriptSizeBytes" BIGINT NOT NULL,
    "consoleSha256" BLOB NOT NULL,
    "consoleSizeBytes" BIGINT NOT NULL,
    "consoleIndexSha256" BLOB NOT NULL,
    "consoleLineCount" INTEGER NOT NULL,
    "consoleDerBytes" BIGINT,
    "readmeSha256" BLOB,
    "readmePath" TEXT,
    "artifactCount" INTEGER NOT NULL,
    "artifactsSizeBytes" BIGINT NOT NULL,
    CONSTRAINT "Build_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Build_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Build_mainBinaryId_fkey" FOREIGN KEY ("mainBinaryId") REFERENCES "Artifact" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Build_uploaderId_fkey" FOREIGN KEY ("uploaderId") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Build_inputId_hash" CHECK ("inputId" IS NULL OR typeof("inputId") = 'blob' AND length("inputId") = 32),
    CONSTRAINT "Build_mainBinarySha256_hash" CHECK ("mainBinarySha256" IS NULL OR typeof("mainBinarySha256") = 'blob' AND length("mainBinarySha256") = 32),
    CONSTRAINT "Build_opamSwitchSha256_hash" CHECK ("opamSwitchSha256" IS NULL OR typeof("opamSwitchSha256") = 'blob' AND length("opamSwitchSha256") = 32),
    CONSTRAINT "Build_debugBinarySha256_hash" CHECK ("debugBinarySha256" IS NULL OR typeof("debugBinarySha256") = 'blob' AND length("debugBinarySha256") = 32),
    CONSTRAINT "Build_scriptSha256_hash" CHECK (typeof("scriptSha256") = 'blob' AND length("scriptSha256") = 32),
    CONSTRAINT "Build_consoleSha256_hash" CHECK (typeof("consoleSha256") = 'blob' AND length("consoleSha256") = 32),
    CONSTRAINT "Build_consoleIndexSha256_hash" CHECK (typeof("consoleIndexSha256") = 'blob' AND length("consoleIndexSha256") = 32),
    CONSTRAINT "Build_readmeSha256_hash" CHECK ("readmeSha256" IS NULL OR typeof("readmeSha256") = 'blob' AND length("readmeSha256") = 32)
);
INSERT INTO "new_Build" ("id", "uuid", "jobId", "platformId", "startedAt", "finishedAt", "receivedAt",
    "recordStartedAt", "recordFinishedAt", "status", "resultKind", "resultCode", "resultMessage", "inputId",
    "mainBinaryId", "mainBinaryPath", "mainBinarySha256", "mainBinarySizeBytes", "opamSwitchSha256",
    "debugBinarySha256", "verdict", "verdictAt", "uploaderId", "scriptSha256", "scriptSizeBytes",
    "consoleSha256", "consoleSizeBytes", "consoleIndexSha256", "consoleLineCount", "consoleDerBytes",
    "readmeSha256", "readmePath", "artifactCount", "artifactsSizeBytes")
SELECT "id", "uuid", "jobId", "platformId", "startedAt", "finishedAt", "receivedAt", "recordStartedAt",
    "recordFinishedAt", "status", "resultKind", "resultCode", "resultMessage", unhex("inputId"), "mainBinaryId",
    "mainBinaryPath", unhex("mainBinarySha256"), "mainBinarySizeBytes", unhex("opamSwitchSha256"),
    unhex("debugBinarySha256"), "verdict", "verdictAt", "uploaderId", unhex("scriptSha256"), "scriptSizeBytes",
    unhex("consoleSha256"), "consoleSizeBytes", unhex("consoleIndexSha256"), "consoleLineCount",
    "consoleDerBytes", unhex("readmeSha256"), "readmePath", "artifactCount",
    "artifactsSizeBytes" FROM "Build" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_Build';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_Build', "seq" FROM sqlite_sequence WHERE "name" = 'Build';
DROP TABLE "Build";
ALTER TABLE "new_Build" RENAME TO "Build";

CREATE TABLE "new_Artifact" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "buildId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" BLOB NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    CONSTRAINT "Artifact_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Artifact_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);
INSERT INTO "new_Artifact" ("id", "buildId", "path", "sha256", "sizeBytes", "startedAt")
SELECT "id", "buildId", "path", unhex("sha256"), "sizeBytes", "startedAt" FROM "Artifact" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_Artifact';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_Artifact',
    "seq" FROM sqlite_sequence WHERE "name" = 'Artifact';
DROP TABLE "Artifact";
ALTER TABLE "new_Artifact" RENAME TO "Artifact";

CREATE TABLE "new_Output" (
    "sha256" BLOB NOT NULL PRIMARY KEY,
    "buildCount" INTEGER NOT NULL,
    "inputCount" INTEGER NOT NULL,
    "hasOtherOutput" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "Output_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);
INSERT INTO "new_Output" ("sha256", "buildCount", "inputCount", "hasOtherOutput")
SELECT unhex("sha256"), "buildCount", "inputCount", "hasOtherOutput" FROM "Output";
DROP TABLE "Output";
ALTER TABLE "new_Output" RENAME TO "Output";

CREATE TABLE "new_JobOutput" (
    "jobId" INTEGER NOT NULL,
    "scope" INTEGER NOT NULL,
    "sha256" BLOB NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "firstBuildId" INTEGER NOT NULL,
    "firstStartedAt" DATETIME NOT NULL,
    "lastBuildId" INTEGER NOT NULL,
    "lastStartedAt" DATETIME NOT NULL,

    PRIMARY KEY ("jobId", "scope", "sha256"),
    CONSTRAINT "JobOutput_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "JobOutput_firstBuildId_fkey" FOREIGN KEY ("firstBuildId") REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "JobOutput_lastBuildId_fkey" FOREIGN KEY ("lastBuildId") REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "JobOutput_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);
INSERT INTO "new_JobOutput" ("jobId", "scope", "sha256", "sizeBytes", "buildCount", "firstBuildId",
    "firstStartedAt", "lastBuildId", "lastStartedAt")
SELECT "jobId", "scope", unhex("sha256"), "sizeBytes", "buildCount", "firstBuildId", "firstStartedAt",
    "lastBuildId", "lastStartedAt" FROM "JobOutput";
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
    "resultSha256" BLOB,
    "resultSizeBytes" BIGINT,
    "summary" TEXT,
    "createdAt" DATETIME NOT NULL,
    "startedAt" DATETIME,
    "finishedAt" DATETIME,
    CONSTRAINT "QueuedTask_resultSha256_hash" CHECK ("resultSha256" IS NULL OR typeof("resultSha256") = 'blob' AND length("resultSha256") = 32)
);
INSERT INTO "new_QueuedTask" ("id", "kind", "key", "state", "priority", "attempts", "claims", "version",
    "isWantedAgain", "dueAt", "leaseOwner", "leaseUntil", "payload", "progress", "error", "resultSha256",
    "resultSizeBytes", "summary", "createdAt", "startedAt", "finishedAt")
SELECT "id", "kind", "key", "state", "priority", "attempts", "claims", "version", "isWantedAgain", "dueAt",
    "leaseOwner", "leaseUntil", "payload", "progress", "error", unhex("resultSha256"), "resultSizeBytes",
    "summary", "createdAt", "startedAt", "finishedAt" FROM "QueuedTask" ORDER BY "id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_QueuedTask';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_QueuedTask',
    "seq" FROM sqlite_sequence WHERE "name" = 'QueuedTask';
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
    "sha256Min" BLOB,
    "sha256Max" BLOB,

    PRIMARY KEY ("jobId", "platformId", "unit", "startsAt"),
    CONSTRAINT "JobPeriod_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "JobPeriod_sha256Min_hash" CHECK ("sha256Min" IS NULL OR typeof("sha256Min") = 'blob' AND length("sha256Min") = 32),
    CONSTRAINT "JobPeriod_sha256Max_hash" CHECK ("sha256Max" IS NULL OR typeof("sha256Max") = 'blob' AND length("sha256Max") = 32)
);
INSERT INTO "new_JobPeriod" ("jobId", "platformId", "unit", "startsAt", "endsAt", "buildCount", "failedCount",
    "reproducedCount", "notReproducibleCount", "unconfirmedCount", "durationSumMs", "durationMinMs",
    "durationMaxMs", "sizeMinBytes", "sizeMaxBytes", "sha256Min", "sha256Max")
SELECT "jobId", "platformId", "unit", "startsAt", "endsAt", "buildCount", "failedCount", "reproducedCount",
    "notReproducibleCount", "unconfirmedCount", "durationSumMs", "durationMinMs", "durationMaxMs",
    "sizeMinBytes", "sizeMaxBytes", unhex("sha256Min"), unhex("sha256Max") FROM "JobPeriod";
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
CREATE INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_idx" ON "Build"("jobId", "platformId", "startedAt", "id", "mainBinarySha256");
CREATE INDEX "Build_jobId_platformId_status_startedAt_id_idx" ON "Build"("jobId", "platformId", "status", "startedAt", "id");
CREATE INDEX "Build_verdict_startedAt_id_status_idx" ON "Build"("verdict", "startedAt", "id", "status");
CREATE INDEX "Build_platformId_verdict_startedAt_id_status_idx" ON "Build"("platformId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_jobId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_jobId_platformId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "platformId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_inputId_mainBinarySha256_startedAt_id_idx" ON "Build"("inputId", "mainBinarySha256", "startedAt", "id");
CREATE INDEX "Build_mainBinarySha256_startedAt_id_inputId_idx" ON "Build"("mainBinarySha256", "startedAt", "id", "inputId");
CREATE INDEX "Build_mainBinarySha256_platformId_jobId_startedAt_id_idx" ON "Build"("mainBinarySha256", "platformId", "jobId", "startedAt", "id");
CREATE INDEX "Build_mainBinarySha256_uploaderId_idx" ON "Build"("mainBinarySha256", "uploaderId");
CREATE INDEX "Build_uploaderId_idx" ON "Build"("uploaderId");
CREATE INDEX "Build_receivedAt_id_idx" ON "Build"("receivedAt", "id");
CREATE INDEX "Build_status_id_idx" ON "Build"("status", "id");
CREATE INDEX "Build_platformId_id_idx" ON "Build"("platformId", "id");
CREATE INDEX "Build_platformId_status_id_idx" ON "Build"("platformId", "status", "id");
CREATE INDEX "Build_jobId_id_idx" ON "Build"("jobId", "id");
CREATE INDEX "Build_jobId_status_id_idx" ON "Build"("jobId", "status", "id");
CREATE INDEX "Build_jobId_platformId_id_idx" ON "Build"("jobId", "platformId", "id");
CREATE INDEX "Artifact_sha256_startedAt_id_idx" ON "Artifact"("sha256", "startedAt", "id");
CREATE UNIQUE INDEX "Artifact_buildId_path_key" ON "Artifact"("buildId", "path");
CREATE INDEX "JobOutput_jobId_scope_lastStartedAt_lastBuildId_idx" ON "JobOutput"("jobId", "scope", "lastStartedAt", "lastBuildId");
CREATE INDEX "JobOutput_firstBuildId_idx" ON "JobOutput"("firstBuildId");
CREATE INDEX "JobOutput_lastBuildId_idx" ON "JobOutput"("lastBuildId");
CREATE INDEX "QueuedTask_kind_state_priority_dueAt_id_idx" ON "QueuedTask"("kind", "state", "priority", "dueAt", "id");
CREATE UNIQUE INDEX "QueuedTask_kind_key_key" ON "QueuedTask"("kind", "key");
