-- The newest success of each job on each platform.
DROP INDEX "JobPlatform_newestSuccessId_idx";
ALTER TABLE "JobPlatform" DROP COLUMN "newestSuccessId";
