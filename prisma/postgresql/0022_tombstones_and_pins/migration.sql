-- Builds that retention keeps, and what is still answered for builds that were removed.
CREATE TABLE "Pin" (
    "buildId" INTEGER NOT NULL,
    "pinnedAt" TIMESTAMP(3) NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "Pin_pkey" PRIMARY KEY ("buildId")
);

CREATE TABLE "Tombstone" (
    "id" SERIAL NOT NULL,
    "uuid" TEXT NOT NULL,
    "job" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "finishedAt" TIMESTAMP(3) NOT NULL,
    "receivedAt" TIMESTAMP(3) NOT NULL,
    "status" TEXT NOT NULL,
    "inputId" BYTEA,
    "mainBinaryPath" TEXT,
    "mainBinarySha256" BYTEA,
    "mainBinarySizeBytes" BIGINT,
    "verdict" TEXT NOT NULL,
    "reproducedCount" INTEGER NOT NULL,
    "removedAt" TIMESTAMP(3) NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "Tombstone_inputId_hash" CHECK (octet_length("inputId") = 32),
    CONSTRAINT "Tombstone_mainBinarySha256_hash" CHECK (octet_length("mainBinarySha256") = 32),
    CONSTRAINT "Tombstone_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "TombstoneArtifact" (
    "sha256" BYTEA NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "tombstoneId" INTEGER NOT NULL,

    CONSTRAINT "TombstoneArtifact_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "TombstoneArtifact_pkey" PRIMARY KEY ("sha256","startedAt","tombstoneId")
);

CREATE UNIQUE INDEX "Tombstone_uuid_key" ON "Tombstone"("uuid");

CREATE INDEX "Tombstone_mainBinarySha256_id_idx" ON "Tombstone"("mainBinarySha256", "id");

CREATE INDEX "Tombstone_inputId_mainBinarySha256_idx" ON "Tombstone"("inputId", "mainBinarySha256");

CREATE INDEX "TombstoneArtifact_tombstoneId_idx" ON "TombstoneArtifact"("tombstoneId");

ALTER TABLE "Pin" ADD CONSTRAINT "Pin_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "TombstoneArtifact" ADD CONSTRAINT "TombstoneArtifact_tombstoneId_fkey" FOREIGN KEY ("tombstoneId") REFERENCES "Tombstone"("id") ON DELETE CASCADE ON UPDATE CASCADE;
