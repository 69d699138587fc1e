-- When a later upload changed a build's verdict last, for feeds. Not known of changes before this release.
ALTER TABLE "Build" ADD COLUMN "verdictAt" DATETIME;

-- Lists of builds in the order in which they were stored, which is that of their ids.
CREATE INDEX "Build_receivedAt_id_idx" ON "Build"("receivedAt", "id");
CREATE INDEX "Build_status_id_idx" ON "Build"("status", "id");
CREATE INDEX "Build_platformId_id_idx" ON "Build"("platformId", "id");
CREATE INDEX "Build_platformId_status_id_idx" ON "Build"("platformId", "status", "id");
CREATE INDEX "Build_jobId_id_idx" ON "Build"("jobId", "id");
CREATE INDEX "Build_jobId_status_id_idx" ON "Build"("jobId", "status", "id");
CREATE INDEX "Build_jobId_platformId_id_idx" ON "Build"("jobId", "platformId", "id");
