-- Builds that retention keeps, and what is still answered for builds that were removed.
CREATE TABLE "Pin" (
    "buildId" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "pinnedAt" DATETIME NOT NULL,
    "reason" TEXT NOT NULL,
    CONSTRAINT "Pin_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Tombstone" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "job" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "finishedAt" DATETIME NOT NULL,
    "receivedAt" DATETIME NOT NULL,
    "status" TEXT NOT NULL,
    "inputId" BLOB,
    "mainBinaryPath" TEXT,
    "mainBinarySha256" BLOB,
    "mainBinarySizeBytes" BIGINT,
    "verdict" TEXT NOT NULL,
    "reproducedCount" INTEGER NOT NULL,
    "removedAt" DATETIME NOT NULL,
    "reason" TEXT NOT NULL,
    CONSTRAINT "Tombstone_inputId_hash" CHECK ("inputId" IS NULL OR typeof("inputId") = 'blob' AND length("inputId") = 32),
    CONSTRAINT "Tombstone_mainBinarySha256_hash" CHECK ("mainBinarySha256" IS NULL OR typeof("mainBinarySha256") = 'blob' AND length("mainBinarySha256") = 32)
);

CREATE TABLE "TombstoneArtifact" (
    "sha256" BLOB NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "tombstoneId" INTEGER NOT NULL,

    PRIMARY KEY ("sha256", "startedAt", "tombstoneId"),
    CONSTRAINT "TombstoneArtifact_tombstoneId_fkey" FOREIGN KEY ("tombstoneId") REFERENCES "Tombstone" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "TombstoneArtifact_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE UNIQUE INDEX "Tombstone_uuid_key" ON "Tombstone"("uuid");

CREATE INDEX "Tombstone_mainBinarySha256_id_idx" ON "Tombstone"("mainBinarySha256", "id");

CREATE INDEX "Tombstone_inputId_mainBinarySha256_idx" ON "Tombstone"("inputId", "mainBinarySha256");

CREATE INDEX "TombstoneArtifact_tombstoneId_idx" ON "TombstoneArtifact"("tombstoneId");
