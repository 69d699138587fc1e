-- Words of jobs, files, packages and failures, which the search finds.
CREATE TABLE "JobFile" (
    "id" SERIAL NOT NULL,
    "jobId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "newestBuildId" INTEGER NOT NULL,
    "newestStartedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "JobFile_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "JobFile_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "JobFile_jobId_path_key" ON "JobFile"("jobId", "path");
INSERT INTO "FactRebuild" ("rule") SELECT 'job-files' WHERE EXISTS (SELECT 1 FROM "Build");

CREATE TABLE "FailureExcerpt" (
    "id" SERIAL NOT NULL,
    "consoleSha256" BYTEA NOT NULL,
    "reason" TEXT,
    "lines" TEXT NOT NULL,
    CONSTRAINT "FailureExcerpt_consoleSha256_hash" CHECK (octet_length("consoleSha256") = 32),
    CONSTRAINT "FailureExcerpt_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "FailureExcerpt_consoleSha256_key" ON "FailureExcerpt"("consoleSha256");
CREATE INDEX "Build_failed_consoleSha256_startedAt_id_idx" ON "Build"("consoleSha256", "startedAt", "id") WHERE ("status" = 'FAILED');

-- The words of a text as SQLite takes them: letters and digits. Longer texts are cut, for a tsvector has at most 1 MiB.
CREATE FUNCTION search_words(content TEXT) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT to_tsvector('simple'::regconfig, regexp_replace(lower(left(content, 20000)), '[^[:alnum:]]+', ' ', 'g')) $$;
-- What is searched is written for SQLite: `dns* prim*` finds what has words that begin so.
CREATE FUNCTION search_query(words TEXT) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT to_tsquery('simple'::regconfig, replace(replace(words, '*', ':*'), ' ', ' & ')) $$;

CREATE INDEX "JobSearch_idx" ON "Job" USING GIN (search_words("name" || ' ' || COALESCE("synopsis", '') || ' ' || COALESCE("description", '')));
CREATE FUNCTION "JobSearch"(words TEXT) RETURNS TABLE (rowid INTEGER) LANGUAGE sql STABLE
    AS $$ SELECT "id" FROM "Job" WHERE search_words("name" || ' ' || COALESCE("synopsis", '') || ' ' || COALESCE("description", '')) @@ search_query(words) $$;
CREATE INDEX "FileSearch_idx" ON "JobFile" USING GIN (search_words("path"));
CREATE FUNCTION "FileSearch"(words TEXT) RETURNS TABLE (rowid INTEGER) LANGUAGE sql STABLE
    AS $$ SELECT "id" FROM "JobFile" WHERE search_words("path") @@ search_query(words) $$;
CREATE INDEX "PackageSearch_idx" ON "PackageVersion" USING GIN (search_words("name"));
CREATE FUNCTION "PackageSearch"(words TEXT) RETURNS TABLE (rowid INTEGER) LANGUAGE sql STABLE
    AS $$ SELECT "id" FROM "PackageVersion" WHERE search_words("name") @@ search_query(words) $$;
CREATE INDEX "FailureSearch_idx" ON "FailureExcerpt" USING GIN (search_words(COALESCE("reason", '') || ' ' || "lines"));
CREATE FUNCTION "FailureSearch"(words TEXT) RETURNS TABLE (rowid INTEGER) LANGUAGE sql STABLE
    AS $$ SELECT "id" FROM "FailureExcerpt" WHERE search_words(COALESCE("reason", '') || ' ' || "lines") @@ search_query(words) $$;
