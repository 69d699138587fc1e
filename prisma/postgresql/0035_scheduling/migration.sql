-- Scheduling: what is built when, the queues of platforms, runs and their tries, templates and workers.
CREATE TABLE "Schedule" (
    "id" SERIAL NOT NULL,
    "job" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "period" TEXT NOT NULL,
    "cron" TEXT,
    "nextAt" TIMESTAMP(3),
    "isPaused" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Schedule_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "ScheduleVersion" (
    "id" SERIAL NOT NULL,
    "job" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "actor" TEXT,
    "definition" TEXT,

    CONSTRAINT "ScheduleVersion_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Template" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "content" TEXT,
    "at" TIMESTAMP(3) NOT NULL,
    "actor" TEXT,

    CONSTRAINT "Template_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "PlatformQueue" (
    "platform" TEXT NOT NULL,
    "isPaused" BOOLEAN NOT NULL DEFAULT false,
    "droppedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "PlatformQueue_pkey" PRIMARY KEY ("platform")
);

CREATE TABLE "Run" (
    "id" SERIAL NOT NULL,
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
    "queuedAt" TIMESTAMP(3) NOT NULL,
    "notBefore" TIMESTAMP(3),
    "definition" TEXT NOT NULL,
    "maxParallel" INTEGER NOT NULL,
    "reproduces" TEXT,
    "avoidsWorker" TEXT,
    "tryCount" INTEGER NOT NULL DEFAULT 0,
    "startedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),
    "error" TEXT,

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "BuildWorker" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "software" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "connections" INTEGER NOT NULL,
    "connectedAt" TIMESTAMP(3) NOT NULL,
    "lastSeenAt" TIMESTAMP(3) NOT NULL,
    "disconnectedAt" TIMESTAMP(3),

    CONSTRAINT "BuildWorker_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "RunTry" (
    "id" SERIAL NOT NULL,
    "runId" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "uuid" TEXT NOT NULL,
    "workerId" INTEGER,
    "workerName" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "scriptSha256" BYTEA NOT NULL,
    "state" TEXT NOT NULL,
    "ending" TEXT,
    "assignedAt" TIMESTAMP(3) NOT NULL,
    "startedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),
    "deadlineAt" TIMESTAMP(3) NOT NULL,
    "leaseUntil" TIMESTAMP(3),
    "lineCount" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,

    CONSTRAINT "RunTry_scriptSha256_hash" CHECK (octet_length("scriptSha256") = 32),
    CONSTRAINT "RunTry_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "RunScript" (
    "sha256" BYTEA NOT NULL,
    "content" BYTEA NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "RunScript_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "RunScript_pkey" PRIMARY KEY ("sha256")
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

ALTER TABLE "Run" ADD CONSTRAINT "Run_scheduleId_fkey" FOREIGN KEY ("scheduleId") REFERENCES "Schedule"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "RunTry" ADD CONSTRAINT "RunTry_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "RunTry" ADD CONSTRAINT "RunTry_workerId_fkey" FOREIGN KEY ("workerId") REFERENCES "BuildWorker"("id") ON DELETE SET NULL ON UPDATE CASCADE;
