-- Words of jobs, files, packages and failures, which the search finds.
CREATE TABLE "JobFile" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "jobId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "newestBuildId" INTEGER NOT NULL,
    "newestStartedAt" DATETIME NOT NULL,
    CONSTRAINT "JobFile_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "JobFile_jobId_path_key" ON "JobFile"("jobId", "path");
INSERT INTO "FactRebuild" ("rule") SELECT 'job-files' WHERE EXISTS (SELECT 1 FROM "Build");

CREATE TABLE "FailureExcerpt" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "consoleSha256" BLOB NOT NULL,
    "reason" TEXT,
    "lines" TEXT NOT NULL,
    CONSTRAINT "FailureExcerpt_consoleSha256_hash" CHECK (typeof("consoleSha256") = 'blob' AND length("consoleSha256") = 32)
);
CREATE UNIQUE INDEX "FailureExcerpt_consoleSha256_key" ON "FailureExcerpt"("consoleSha256");
CREATE INDEX "Build_failed_consoleSha256_startedAt_id_idx" ON "Build"("consoleSha256", "startedAt", "id") WHERE "status" = 'FAILED';

-- Triggers keep the words: whoever copies one of these tables makes them anew.
CREATE VIRTUAL TABLE "JobSearch" USING fts5("name", "synopsis", "description", content='Job', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "JobSearch_added" AFTER INSERT ON "Job" BEGIN
    INSERT INTO "JobSearch" ("rowid", "name", "synopsis", "description") VALUES (NEW."id", NEW."name", NEW."synopsis", NEW."description");
END;
CREATE TRIGGER "JobSearch_removed" AFTER DELETE ON "Job" BEGIN
    INSERT INTO "JobSearch" ("JobSearch", "rowid", "name", "synopsis", "description") VALUES ('delete', OLD."id", OLD."name", OLD."synopsis", OLD."description");
END;
CREATE TRIGGER "JobSearch_changed" AFTER UPDATE OF "name", "synopsis", "description" ON "Job" WHEN OLD."name" IS NOT NEW."name" OR OLD."synopsis" IS NOT NEW."synopsis" OR OLD."description" IS NOT NEW."description" BEGIN
    INSERT INTO "JobSearch" ("JobSearch", "rowid", "name", "synopsis", "description") VALUES ('delete', OLD."id", OLD."name", OLD."synopsis", OLD."description");
    INSERT INTO "JobSearch" ("rowid", "name", "synopsis", "description") VALUES (NEW."id", NEW."name", NEW."synopsis", NEW."description");
END;
INSERT INTO "JobSearch" ("JobSearch") VALUES ('rebuild');

CREATE VIRTUAL TABLE "FileSearch" USING fts5("path", content='JobFile', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "FileSearch_added" AFTER INSERT ON "JobFile" BEGIN
    INSERT INTO "FileSearch" ("rowid", "path") VALUES (NEW."id", NEW."path");
END;
CREATE TRIGGER "FileSearch_removed" AFTER DELETE ON "JobFile" BEGIN
    INSERT INTO "FileSearch" ("FileSearch", "rowid", "path") VALUES ('delete', OLD."id", OLD."path");
END;
CREATE TRIGGER "FileSearch_changed" AFTER UPDATE OF "path" ON "JobFile" WHEN OLD."path" IS NOT NEW."path" BEGIN
    INSERT INTO "FileSearch" ("FileSearch", "rowid", "path") VALUES ('delete', OLD."id", OLD."path");
    INSERT INTO "FileSearch" ("rowid", "path") VALUES (NEW."id", NEW."path");
END;
INSERT INTO "FileSearch" ("FileSearch") VALUES ('rebuild');

CREATE VIRTUAL TABLE "PackageSearch" USING fts5("name", content='PackageVersion', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "PackageSearch_added" AFTER INSERT ON "PackageVersion" BEGIN
    INSERT INTO "PackageSearch" ("rowid", "name") VALUES (NEW."id", NEW."name");
END;
CREATE TRIGGER "PackageSearch_removed" AFTER DELETE ON "PackageVersion" BEGIN
    INSERT INTO "PackageSearch" ("PackageSearch", "rowid", "name") VALUES ('delete', OLD."id", OLD."name");
END;
CREATE TRIGGER "PackageSearch_changed" AFTER UPDATE OF "name" ON "PackageVersion" WHEN OLD."name" IS NOT NEW."name" BEGIN
    INSERT INTO "PackageSearch" ("PackageSearch", "rowid", "name") VALUES ('delete', OLD."id", OLD."name");
    INSERT INTO "PackageSearch" ("rowid", "name") VALUES (NEW."id", NEW."name");
END;
INSERT INTO "PackageSearch" ("PackageSearch") VALUES ('rebuild');

CREATE VIRTUAL TABLE "FailureSearch" USING fts5("reason", "lines", content='FailureExcerpt', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 0');
CREATE TRIGGER "FailureSearch_added" AFTER INSERT ON "FailureExcerpt" BEGIN
    INSERT INTO "FailureSearch" ("rowid", "reason", "lines") VALUES (NEW."id", NEW."reason", NEW."lines");
END;
CREATE TRIGGER "FailureSearch_removed" AFTER DELETE ON "FailureExcerpt" BEGIN
    INSERT INTO "FailureSearch" ("FailureSearch", "rowid", "reason", "lines") VALUES ('delete', OLD."id", OLD."reason", OLD."lines");
END;
CREATE TRIGGER "FailureSearch_changed" AFTER UPDATE OF "reason", "lines" ON "FailureExcerpt" WHEN OLD."reason" IS NOT NEW."reason" OR OLD."lines" IS NOT NEW."lines" BEGIN
    INSERT INTO "FailureSearch" ("FailureSearch", "rowid", "reason", "lines") VALUES ('delete', OLD."id", OLD."reason", OLD."lines");
    INSERT INTO "FailureSearch" ("rowid", "reason", "lines") VALUES (NEW."id", NEW."reason", NEW."lines");
END;
INSERT INTO "FailureSearch" ("FailureSearch") VALUES ('rebuild');
