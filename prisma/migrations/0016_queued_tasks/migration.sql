-- Background work: one table for all kinds of it (server/runner).
CREATE TABLE "QueuedTask" (
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

CREATE INDEX "QueuedTask_kind_state_priority_dueAt_id_idx" ON "QueuedTask"("kind", "state", "priority", "dueAt", "id");
CREATE UNIQUE INDEX "QueuedTask_kind_key_key" ON "QueuedTask"("kind", "key");
