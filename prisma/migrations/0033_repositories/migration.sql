-- Package repositories: what packages say of themselves, what is published, and its files.
CREATE TABLE "Package" (
    "sha256" BLOB NOT NULL PRIMARY KEY,
    "format" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "architecture" TEXT NOT NULL,
    "control" TEXT NOT NULL,
    "problem" TEXT,
    CONSTRAINT "Package_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "Repository" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "contentSha256" BLOB NOT NULL,
    "publishedAt" DATETIME NOT NULL,
    "validUntil" DATETIME,
    "packageCount" INTEGER NOT NULL,
    "details" TEXT NOT NULL,
    CONSTRAINT "Repository_contentSha256_hash" CHECK (typeof("contentSha256") = 'blob' AND length("contentSha256") = 32)
);

CREATE TABLE "RepositoryFile" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "repository" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" BLOB NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "publishedAt" DATETIME NOT NULL,
    "replacedAt" DATETIME,
    CONSTRAINT "RepositoryFile_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE UNIQUE INDEX "RepositoryFile_repository_path_sha256_key" ON "RepositoryFile"("repository", "path", "sha256");
CREATE INDEX "RepositoryFile_sha256_idx" ON "RepositoryFile"("sha256");
CREATE INDEX "RepositoryFile_replacedAt_idx" ON "RepositoryFile"("replacedAt");
