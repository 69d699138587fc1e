-- Words of jobs, files, packages and failures, which the search finds.
-- Loses: nothing. They are taken from the builds again.
DROP TRIGGER "JobSearch_added";
DROP TRIGGER "JobSearch_removed";
DROP TRIGGER "JobSearch_changed";
DROP TABLE "JobSearch";
DROP TRIGGER "FileSearch_added";
DROP TRIGGER "FileSearch_removed";
DROP TRIGGER "FileSearch_changed";
DROP TABLE "FileSearch";
DROP TRIGGER "PackageSearch_added";
DROP TRIGGER "PackageSearch_removed";
DROP TRIGGER "PackageSearch_changed";
DROP TABLE "PackageSearch";
DROP TRIGGER "FailureSearch_added";
DROP TRIGGER "FailureSearch_removed";
DROP TRIGGER "FailureSearch_changed";
DROP TABLE "FailureSearch";
DROP INDEX "Build_failed_consoleSha256_startedAt_id_idx";
DROP TABLE "FailureExcerpt";
DROP TABLE "JobFile";
DELETE FROM "FactRebuild" WHERE "rule" = 'job-files';
