-- Sets of packages that builds contain, and known issues of packages.
CREATE TABLE "PackageSet" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sha256" BLOB NOT NULL,
    "source" TEXT NOT NULL,
    "componentCount" INTEGER NOT NULL,
    "unidentifiedCount" INTEGER NOT NULL,
    CONSTRAINT "PackageSet_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "PackageVersion" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "ecosystem" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL
);

CREATE TABLE "PackageSetEntry" (
    "setId" INTEGER NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    "identifiedBy" TEXT NOT NULL,
    "isRequired" BOOLEAN NOT NULL,
    PRIMARY KEY ("setId", "packageVersionId"),
    CONSTRAINT "PackageSetEntry_setId_fkey" FOREIGN KEY ("setId") REFERENCES "PackageSet" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "PackageSetEntry_packageVersionId_fkey" FOREIGN KEY ("packageVersionId") REFERENCES "PackageVersion" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
) WITHOUT ROWID;

CREATE TABLE "SourceOrigin" (
    "checksum" TEXT NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    PRIMARY KEY ("checksum", "packageVersionId"),
    CONSTRAINT "SourceOrigin_packageVersionId_fkey" FOREIGN KEY ("packageVersionId") REFERENCES "PackageVersion" ("id") ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;

CREATE TABLE "PackageSetSource" (
    "setId" INTEGER NOT NULL,
    "checksum" TEXT NOT NULL,
    PRIMARY KEY ("checksum", "setId"),
    CONSTRAINT "PackageSetSource_setId_fkey" FOREIGN KEY ("setId") REFERENCES "PackageSet" ("id") ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;

CREATE TABLE "Advisory" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "modifiedAt" DATETIME NOT NULL,
    "publishedAt" DATETIME,
    "withdrawnAt" DATETIME,
    "summary" TEXT NOT NULL,
    "severity" TEXT,
    "score" REAL,
    "content" TEXT NOT NULL,
    "importedAt" DATETIME NOT NULL,
    "source" TEXT NOT NULL,
    "isListed" BOOLEAN NOT NULL DEFAULT true
);

CREATE TABLE "AdvisoryPackage" (
    "advisoryId" TEXT NOT NULL,
    "ecosystem" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "bindings" TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY ("advisoryId", "ecosystem", "name"),
    CONSTRAINT "AdvisoryPackage_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "AdvisoryVersion" (
    "advisoryId" TEXT NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    PRIMARY KEY ("advisoryId", "packageVersionId"),
    CONSTRAINT "AdvisoryVersion_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "AdvisoryVersion_packageVersionId_fkey" FOREIGN KEY ("packageVersionId") REFERENCES "PackageVersion" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "AdvisoryMatch" (
    "setId" INTEGER NOT NULL,
    "advisoryId" TEXT NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    PRIMARY KEY ("setId", "advisoryId", "packageVersionId"),
    CONSTRAINT "AdvisoryMatch_setId_fkey" FOREIGN KEY ("setId") REFERENCES "PackageSet" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "AdvisoryMatch_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;

CREATE TABLE "VexStatement" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "advisoryId" TEXT NOT NULL,
    "jobs" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "justification" TEXT,
    "note" TEXT,
    "statedAt" DATETIME NOT NULL,
    "statedBy" TEXT,
    CONSTRAINT "VexStatement_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "PackageSet_sha256_key" ON "PackageSet"("sha256");
CREATE UNIQUE INDEX "PackageVersion_ecosystem_name_version_key" ON "PackageVersion"("ecosystem", "name", "version");
CREATE INDEX "PackageSetEntry_packageVersionId_setId_idx" ON "PackageSetEntry"("packageVersionId", "setId");
CREATE INDEX "SourceOrigin_packageVersionId_idx" ON "SourceOrigin"("packageVersionId");
CREATE INDEX "PackageSetSource_setId_idx" ON "PackageSetSource"("setId");
CREATE INDEX "AdvisoryPackage_ecosystem_name_idx" ON "AdvisoryPackage"("ecosystem", "name");
CREATE INDEX "AdvisoryVersion_packageVersionId_idx" ON "AdvisoryVersion"("packageVersionId");
CREATE INDEX "AdvisoryMatch_advisoryId_idx" ON "AdvisoryMatch"("advisoryId");
CREATE UNIQUE INDEX "VexStatement_advisoryId_jobs_key" ON "VexStatement"("advisoryId", "jobs");
