-- Scheduling: what is built when, the queues of platforms, runs and their tries, templates and workers.
CREATE TABLE "Schedule" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "job" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "period" TEXT NOT NULL,
    "cron" TEXT,
    "nextAt" DATETIME,
    "isPaused" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL
);

CREATE TABLE "ScheduleVersion" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "job" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "actor" TEXT,
    "definition" TEXT
);

CREATE TABLE "Template" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "content" TEXT,
    "at" DATETIME NOT NULL,
    "actor" TEXT
);

CREATE TABLE "PlatformQueue" (
    "platform" TEXT NOT NULL PRIMARY KEY,
    "isPaused" BOOLEAN NOT NULL DEFAULT false,
    "droppedAt" DATETIME,
    "createdAt" DATETIME NOT NULL
);

CREATE TABLE "Run" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "scheduleId" INTEGER,
    "job" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "requestedBy" TEXT,
    "reason" TEXT,
    "priority" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "queueKey" TEXT,
    "queuedAt" DATETIME NOT NULL,
    "notBefore" DATETIME,
    "definition" TEXT NOT NULL,
    "maxParallel" INTEGER NOT NULL,
    "reproduces" TEXT,
    "avoidsWorker" TEXT,
    "tryCount" INTEGER NOT NULL DEFAULT 0,
    "startedAt" DATETIME,
    "endedAt" DATETIME,
    "error" TEXT,
    CONSTRAINT "Run_scheduleId_fkey" FOREIGN KEY ("scheduleId") REFERENCES "Schedule" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE "BuildWorker" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "software" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "connections" INTEGER NOT NULL,
    "connectedAt" DATETIME NOT NULL,
    "lastSeenAt" DATETIME NOT NULL,
    "disconnectedAt" DATETIME
);

CREATE TABLE "RunTry" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "runId" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "uuid" TEXT NOT NULL,
    "workerId" INTEGER,
    "workerName" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "scriptSha256" BLOB NOT NULL,
    "state" TEXT NOT NULL,
    "ending" TEXT,
    "assignedAt" DATETIME NOT NULL,
    "startedAt" DATETIME,
    "endedAt" DATETIME,
    "deadlineAt" DATETIME NOT NULL,
    "leaseUntil" DATETIME,
    "lineCount" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    CONSTRAINT "RunTry_scriptSha256_hash" CHECK (typeof("scriptSha256") = 'blob' AND length("scriptSha256") = 32),
    CONSTRAINT "RunTry_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "RunTry_workerId_fkey" FOREIGN KEY ("workerId") REFERENCES "BuildWorker" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE "RunScript" (
    "sha256" BLOB NOT NULL PRIMARY KEY,
    "content" BLOB NOT NULL,
    "createdAt" DATETIME NOT NULL,
    CONSTRAINT "RunScript_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE UNIQUE INDEX "Schedule_job_key" ON "Schedule"("job");
CREATE INDEX "Schedule_isPaused_nextAt_idx" ON "Schedule"("isPaused", "nextAt");
CREATE UNIQUE INDEX "ScheduleVersion_job_version_key" ON "ScheduleVersion"("job", "version");
CREATE UNIQUE INDEX "Template_kind_platform_version_key" ON "Template"("kind", "platform", "version");
CREATE UNIQUE INDEX "Run_uuid_key" ON "Run"("uuid");
CREATE UNIQUE INDEX "Run_queueKey_key" ON "Run"("queueKey");
CREATE INDEX "Run_state_platform_priority_position_id_idx" ON "Run"("state", "platform", "priority", "position", "id");
CREATE INDEX "Run_job_id_idx" ON "Run"("job", "id");
CREATE INDEX "Run_platform_id_idx" ON "Run"("platform", "id");
CREATE INDEX "Run_scheduleId_idx" ON "Run"("scheduleId");
CREATE INDEX "Run_reproduces_idx" ON "Run"("reproduces");
CREATE INDEX "Run_cause_queuedAt_idx" ON "Run"("cause", "queuedAt");
CREATE INDEX "Run_endedAt_idx" ON "Run"("endedAt");
CREATE UNIQUE INDEX "RunTry_uuid_key" ON "RunTry"("uuid");
CREATE INDEX "RunTry_state_idx" ON "RunTry"("state");
CREATE INDEX "RunTry_workerId_id_idx" ON "RunTry"("workerId", "id");
CREATE INDEX "RunTry_scriptSha256_idx" ON "RunTry"("scriptSha256");
CREATE UNIQUE INDEX "RunTry_runId_number_key" ON "RunTry"("runId", "number");
CREATE UNIQUE INDEX "BuildWorker_name_key" ON "BuildWorker"("name");
CREATE INDEX "BuildWorker_platform_idx" ON "BuildWorker"("platform");
CREATE INDEX "BuildWorker_disconnectedAt_idx" ON "BuildWorker"("disconnectedAt");
