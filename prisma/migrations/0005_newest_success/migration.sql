-- The newest success of a job on a platform, so that a failing job shows its last good build.
ALTER TABLE "JobPlatform" ADD COLUMN "newestSuccessId" INTEGER REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "JobPlatform_newestSuccessId_idx" ON "JobPlatform"("newestSuccessId");

UPDATE "JobPlatform" SET "newestSuccessId" = (
    SELECT b."id" FROM "Build" b WHERE b."jobId" = "JobPlatform"."jobId"
    AND b."platformId" = "JobPlatform"."platformId" AND b."status" = 'SUCCEEDED'
    ORDER BY b."startedAt" DESC, b."id" DESC LIMIT 1);
