-- Runs of local hooks.
CREATE TABLE "HookRun" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "event" TEXT NOT NULL,
    "eventId" TEXT NOT NULL,
    "hook" TEXT NOT NULL,
    "buildUuid" TEXT NOT NULL,
    "job" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "verdict" TEXT,
    "previousVerdict" TEXT,
    "isTest" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "exitStatus" INTEGER,
    "signal" TEXT,
    "error" TEXT,
    "outputSha256" BLOB,
    "outputSizeBytes" BIGINT,
    "printedBytes" BIGINT,
    "createdAt" DATETIME NOT NULL,
    "startedAt" DATETIME,
    "finishedAt" DATETIME,
    CONSTRAINT "HookRun_outputSha256_hash" CHECK ("outputSha256" IS NULL OR typeof("outputSha256") = 'blob' AND length("outputSha256") = 32)
);

CREATE INDEX "HookRun_state_id_idx" ON "HookRun"("state", "id");
CREATE INDEX "HookRun_hook_id_idx" ON "HookRun"("hook", "id");
CREATE INDEX "HookRun_buildUuid_id_idx" ON "HookRun"("buildUuid", "id");
CREATE INDEX "HookRun_outputSha256_idx" ON "HookRun"("outputSha256");
