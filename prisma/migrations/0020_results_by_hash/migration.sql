-- Whether a result is still referred to is asked before its blob is deleted (server/storage).
CREATE INDEX "QueuedTask_resultSha256_idx" ON "QueuedTask"("resultSha256");
