-- Sets of packages that builds contain, and known issues of packages.
CREATE TABLE "PackageSet" (
    "id" SERIAL NOT NULL,
    "sha256" BYTEA NOT NULL,
    "source" TEXT NOT NULL,
    "componentCount" INTEGER NOT NULL,
    "unidentifiedCount" INTEGER NOT NULL,
    CONSTRAINT "PackageSet_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "PackageSet_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "PackageVersion" (
    "id" SERIAL NOT NULL,
    "ecosystem" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    CONSTRAINT "PackageVersion_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "PackageSetEntry" (
    "setId" INTEGER NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    "identifiedBy" TEXT NOT NULL,
    "isRequired" BOOLEAN NOT NULL,
    CONSTRAINT "PackageSetEntry_pkey" PRIMARY KEY ("setId", "packageVersionId"),
    CONSTRAINT "PackageSetEntry_setId_fkey" FOREIGN KEY ("setId") REFERENCES "PackageSet" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "PackageSetEntry_packageVersionId_fkey" FOREIGN KEY ("packageVersionId") REFERENCES "PackageVersion" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "SourceOrigin" (
    "checksum" TEXT NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    CONSTRAINT "SourceOrigin_pkey" PRIMARY KEY ("checksum", "packageVersionId"),
    CONSTRAINT "SourceOrigin_packageVersionId_fkey" FOREIGN KEY ("packageVersionId") REFERENCES "PackageVersion" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "PackageSetSource" (
    "setId" INTEGER NOT NULL,
    "checksum" TEXT NOT NULL,
    CONSTRAINT "PackageSetSource_pkey" PRIMARY KEY ("checksum", "setId"),
    CONSTRAINT "PackageSetSource_setId_fkey" FOREIGN KEY ("setId") REFERENCES "PackageSet" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Advisory" (
    "id" TEXT NOT NULL,
    "modifiedAt" TIMESTAMP(3) NOT NULL,
    "publishedAt" TIMESTAMP(3),
    "withdrawnAt" TIMESTAMP(3),
    "summary" TEXT NOT NULL,
    "severity" TEXT,
    "score" DOUBLE PRECISION,
    "content" TEXT NOT NULL,
    "importedAt" TIMESTAMP(3) NOT NULL,
    "source" TEXT NOT NULL,
    "isListed" BOOLEAN NOT NULL DEFAULT true,
    CONSTRAINT "Advisory_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "AdvisoryPackage" (
    "advisoryId" TEXT NOT NULL,
    "ecosystem" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "bindings" TEXT NOT NULL DEFAULT '[]',
    CONSTRAINT "AdvisoryPackage_pkey" PRIMARY KEY ("advisoryId", "ecosystem", "name"),
    CONSTRAINT "AdvisoryPackage_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "AdvisoryVersion" (
    "advisoryId" TEXT NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    CONSTRAINT "AdvisoryVersion_pkey" PRIMARY KEY ("advisoryId", "packageVersionId"),
    CONSTRAINT "AdvisoryVersion_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "AdvisoryVersion_packageVersionId_fkey" FOREIGN KEY ("packageVersionId") REFERENCES "PackageVersion" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "AdvisoryMatch" (
    "setId" INTEGER NOT NULL,
    "advisoryId" TEXT NOT NULL,
    "packageVersionId" INTEGER NOT NULL,
    CONSTRAINT "AdvisoryMatch_pkey" PRIMARY KEY ("setId", "advisoryId", "packageVersionId"),
    CONSTRAINT "AdvisoryMatch_setId_fkey" FOREIGN KEY ("setId") REFERENCES "PackageSet" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "AdvisoryMatch_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "VexStatement" (
    "id" SERIAL NOT NULL,
    "advisoryId" TEXT NOT NULL,
    "jobs" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "justification" TEXT,
    "note" TEXT,
    "statedAt" TIMESTAMP(3) NOT NULL,
    "statedBy" TEXT,
    CONSTRAINT "VexStatement_advisoryId_fkey" FOREIGN KEY ("advisoryId") REFERENCES "Advisory" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "VexStatement_pkey" PRIMARY KEY ("id")
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
