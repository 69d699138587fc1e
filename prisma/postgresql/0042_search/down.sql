-- Words of jobs, files, packages and failures, which the search finds.
-- Loses: nothing. They are taken from the builds again.
DROP FUNCTION "JobSearch"(TEXT);
DROP INDEX "JobSearch_idx";
DROP FUNCTION "FileSearch"(TEXT);
DROP INDEX "FileSearch_idx";
DROP FUNCTION "PackageSearch"(TEXT);
DROP INDEX "PackageSearch_idx";
DROP FUNCTION "FailureSearch"(TEXT);
DROP INDEX "FailureSearch_idx";
DROP FUNCTION search_query(TEXT);
DROP FUNCTION search_words(TEXT);
DROP INDEX "Build_failed_consoleSha256_startedAt_id_idx";
DROP TABLE "FailureExcerpt";
DROP TABLE "JobFile";
DELETE FROM "FactRebuild" WHERE "rule" = 'job-files';
