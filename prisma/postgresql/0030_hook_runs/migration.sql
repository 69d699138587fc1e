-- Runs of local hooks.
CREATE TABLE "HookRun" (
    "id" SERIAL NOT NULL,
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
    "outputSha256" BYTEA,
    "outputSizeBytes" BIGINT,
    "printedBytes" BIGINT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "startedAt" TIMESTAMP(3),
    "finishedAt" TIMESTAMP(3),
    CONSTRAINT "HookRun_outputSha256_hash" CHECK (octet_length("outputSha256") = 32),
    CONSTRAINT "HookRun_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "HookRun_state_id_idx" ON "HookRun"("state", "id");
CREATE INDEX "HookRun_hook_id_idx" ON "HookRun"("hook", "id");
CREATE INDEX "HookRun_buildUuid_id_idx" ON "HookRun"("buildUuid", "id");
CREATE INDEX "HookRun_outputSha256_idx" ON "HookRun"("outputSha256");
