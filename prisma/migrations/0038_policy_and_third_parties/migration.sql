-- Statements and keys of third parties, and what the policy says of main binaries.
CREATE TABLE "TrustedKey" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sha256" BLOB NOT NULL,
    "algorithm" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "userId" INTEGER,
    "addedAt" DATETIME NOT NULL,
    "revokedAt" DATETIME,
    "revokedSince" DATETIME,
    "revokedFor" TEXT,
    CONSTRAINT "TrustedKey_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32),
    CONSTRAINT "TrustedKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE "PolicyVerdict" (
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "sha256" BLOB NOT NULL,
    "policySha256" BLOB NOT NULL,
    "outcome" TEXT NOT NULL,
    "evidence" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "expiresAt" DATETIME,
    PRIMARY KEY ("jobId", "platformId", "sha256"),
    CONSTRAINT "PolicyVerdict_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32),
    CONSTRAINT "PolicyVerdict_policySha256_hash" CHECK (typeof("policySha256") = 'blob' AND length("policySha256") = 32),
    CONSTRAINT "PolicyVerdict_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "PolicyVerdict_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "new_Attestation" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "origin" TEXT NOT NULL DEFAULT 'HUB',
    "format" TEXT NOT NULL DEFAULT 'DSSE',
    "buildId" INTEGER,
    "keyId" INTEGER,
    "trustedKeyId" INTEGER,
    "predicateType" TEXT NOT NULL,
    "claim" TEXT,
    "inputId" BLOB,
    "envelopeSha256" BLOB NOT NULL,
    "envelopeSizeBytes" BIGINT NOT NULL,
    "bundleSignature" TEXT,
    "bundleKeySha256" BLOB,
    "statedAt" DATETIME NOT NULL,
    CONSTRAINT "Attestation_envelopeSha256_hash" CHECK (typeof("envelopeSha256") = 'blob' AND length("envelopeSha256") = 32),
    CONSTRAINT "Attestation_bundleKeySha256_hash" CHECK ("bundleKeySha256" IS NULL OR (typeof("bundleKeySha256") = 'blob' AND length("bundleKeySha256") = 32)),
    CONSTRAINT "Attestation_inputId_hash" CHECK ("inputId" IS NULL OR (typeof("inputId") = 'blob' AND length("inputId") = 32)),
    CONSTRAINT "Attestation_trustedKeyId_fkey" FOREIGN KEY ("trustedKeyId") REFERENCES "TrustedKey" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Attestation_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Attestation_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "SigningKey" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
INSERT INTO "new_Attestation" ("id", "uuid", "buildId", "keyId", "predicateType", "envelopeSha256", "envelopeSizeBytes", "bundleSignature", "bundleKeySha256", "statedAt") SELECT "id", "uuid", "buildId", "keyId", "predicateType", "envelopeSha256", "envelopeSizeBytes", "bundleSignature", "bundleKeySha256", "statedAt" FROM "Attestation";
DELETE FROM sqlite_sequence WHERE "name" = 'new_Attestation';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_Attestation', "seq" FROM sqlite_sequence WHERE "name" = 'Attestation';
DROP TABLE "Attestation";
ALTER TABLE "new_Attestation" RENAME TO "Attestation";

ALTER TABLE "Output" ADD COLUMN "confirmedBy" TEXT;

CREATE UNIQUE INDEX "Attestation_uuid_key" ON "Attestation"("uuid");
CREATE UNIQUE INDEX "Attestation_buildId_keyId_predicateType_key" ON "Attestation"("buildId", "keyId", "predicateType");
CREATE INDEX "Attestation_keyId_idx" ON "Attestation"("keyId");
CREATE INDEX "Attestation_envelopeSha256_idx" ON "Attestation"("envelopeSha256");
CREATE INDEX "Attestation_trustedKeyId_id_idx" ON "Attestation"("trustedKeyId", "id");
CREATE INDEX "Attestation_inputId_idx" ON "Attestation"("inputId");
CREATE UNIQUE INDEX "TrustedKey_sha256_key" ON "TrustedKey"("sha256");
CREATE INDEX "TrustedKey_userId_idx" ON "TrustedKey"("userId");
CREATE INDEX "PolicyVerdict_platformId_idx" ON "PolicyVerdict"("platformId");
CREATE INDEX "PolicyVerdict_sha256_idx" ON "PolicyVerdict"("sha256");
CREATE INDEX "PolicyVerdict_expiresAt_idx" ON "PolicyVerdict"("expiresAt");
