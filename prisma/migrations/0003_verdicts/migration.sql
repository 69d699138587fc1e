-- What all builds together say of one, so that lists show and filter it without looking at the others.
ALTER TABLE "Build" ADD COLUMN "verdict" TEXT NOT NULL DEFAULT 'NO_OUTPUT';
ALTER TABLE "Output" ADD COLUMN "hasOtherOutput" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "JobPlatform" ADD COLUMN "reproducedCount" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "JobPlatform" ADD COLUMN "notReproducibleCount" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "JobPlatform" ADD COLUMN "unconfirmedCount" INTEGER NOT NULL DEFAULT 0;

-- The builds that are stored already. Two look-ups in an index tell whether an input gave another output.
UPDATE "Build" SET "verdict" = CASE
    WHEN EXISTS (SELECT 1 FROM "Build" c WHERE c."inputId" = "Build"."inputId" AND c."mainBinarySha256" < "Build"."mainBinarySha256")
      OR EXISTS (SELECT 1 FROM "Build" c WHERE c."inputId" = "Build"."inputId" AND c."mainBinarySha256" > "Build"."mainBinarySha256")
    THEN 'NOT_REPRODUCIBLE'
    WHEN (SELECT o."buildCount" FROM "Output" o WHERE o."sha256" = "Build"."mainBinarySha256") > 1 THEN 'REPRODUCED'
    ELSE 'UNCONFIRMED' END
WHERE "mainBinarySha256" IS NOT NULL;

UPDATE "Output" SET "hasOtherOutput" = true WHERE "sha256" IN (
    SELECT "mainBinarySha256" FROM "Build" WHERE "verdict" = 'NOT_REPRODUCIBLE');

UPDATE "JobPlatform" SET
    "reproducedCount" = (
        SELECT COUNT(*) FROM "Build" b WHERE b."jobId" = "JobPlatform"."jobId"
        AND b."platformId" = "JobPlatform"."platformId" AND b."verdict" = 'REPRODUCED'),
    "notReproducibleCount" = (
        SELECT COUNT(*) FROM "Build" b WHERE b."jobId" = "JobPlatform"."jobId"
        AND b."platformId" = "JobPlatform"."platformId" AND b."verdict" = 'NOT_REPRODUCIBLE'),
    "unconfirmedCount" = (
        SELECT COUNT(*) FROM "Build" b WHERE b."jobId" = "JobPlatform"."jobId"
        AND b."platformId" = "JobPlatform"."platformId" AND b."verdict" = 'UNCONFIRMED');

-- The status comes last: a list by verdict and status reads it in the index.
CREATE INDEX "Build_verdict_startedAt_id_status_idx" ON "Build"("verdict", "startedAt", "id", "status");
CREATE INDEX "Build_platformId_verdict_startedAt_id_status_idx" ON "Build"("platformId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_jobId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "verdict", "startedAt", "id", "status");
CREATE INDEX "Build_jobId_platformId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "platformId", "verdict", "startedAt", "id", "status");

-- Likewise the input, where reproductions from other inputs are listed.
DROP INDEX "Build_mainBinarySha256_startedAt_id_idx";
CREATE INDEX "Build_mainBinarySha256_startedAt_id_inputId_idx" ON "Build"("mainBinarySha256", "startedAt", "id", "inputId");
DROP INDEX "Build_mainBinarySha256_inputId_idx";
