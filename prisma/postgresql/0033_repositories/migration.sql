-- Package repositories: what packages say of themselves, what is published, and its files.
CREATE TABLE "Package" (
    "sha256" BYTEA NOT NULL,
    "format" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "architecture" TEXT NOT NULL,
    "control" TEXT NOT NULL,
    "problem" TEXT,

    CONSTRAINT "Package_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "Package_pkey" PRIMARY KEY ("sha256")
);

CREATE TABLE "Repository" (
    "name" TEXT NOT NULL,
    "contentSha256" BYTEA NOT NULL,
    "publishedAt" TIMESTAMP(3) NOT NULL,
    "validUntil" TIMESTAMP(3),
    "packageCount" INTEGER NOT NULL,
    "details" TEXT NOT NULL,

    CONSTRAINT "Repository_contentSha256_hash" CHECK (octet_length("contentSha256") = 32),
    CONSTRAINT "Repository_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "RepositoryFile" (
    "id" SERIAL NOT NULL,
    "repository" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "publishedAt" TIMESTAMP(3) NOT NULL,
    "replacedAt" TIMESTAMP(3),

    CONSTRAINT "RepositoryFile_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "RepositoryFile_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "RepositoryFile_repository_path_sha256_key" ON "RepositoryFile"("repository", "path", "sha256");
CREATE INDEX "RepositoryFile_sha256_idx" ON "RepositoryFile"("sha256");
CREATE INDEX "RepositoryFile_replacedAt_idx" ON "RepositoryFile"("replacedAt");
