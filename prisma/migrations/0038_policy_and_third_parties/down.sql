-- Statements and keys of third parties, and what the policy says of main binaries.
-- Loses: statements and keys of third parties, and what the policy says; the rest is computed again after the next upgrade.
DELETE FROM "AttestationSubject" WHERE "attestationId" IN (SELECT "id" FROM "Attestation" WHERE "origin" <> 'HUB');
DELETE FROM "Attestation" WHERE "origin" <> 'HUB';

CREATE TABLE "old_Attestation" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "buildId" INTEGER NOT NULL,
    "keyId" INTEGER NOT NULL,
    "predicateType" TEXT NOT NULL,
    "envelopeSha256" BLOB NOT NULL,
    "envelopeSizeBytes" BIGINT NOT NULL,
    "bundleSignature" TEXT,
    "bundleKeySha256" BLOB,
    "statedAt" DATETIME NOT NULL,
    CONSTRAINT "Attestation_envelopeSha256_hash" CHECK (typeof("envelopeSha256") = 'blob' AND length("envelopeSha256") = 32),
    CONSTRAINT "Attestation_bundleKeySha256_hash" CHECK ("bundleKeySha256" IS NULL OR (typeof("bundleKeySha256") = 'blob' AND length("bundleKeySha256") = 32)),
    CONSTRAINT "Attestation_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Attestation_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "SigningKey" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
INSERT INTO "old_Attestation" ("id", "uuid", "buildId", "keyId", "predicateType", "envelopeSha256", "envelopeSizeBytes", "bundleSignature", "bundleKeySha256", "statedAt") SELECT "id", "uuid", "buildId", "keyId", "predicateType", "envelopeSha256", "envelopeSizeBytes", "bundleSignature", "bundleKeySha256", "statedAt" FROM "Attestation";
DELETE FROM sqlite_sequence WHERE "name" = 'old_Attestation';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'old_Attestation', "seq" FROM sqlite_sequence WHERE "name" = 'Attestation';
DROP TABLE "Attestation";
ALTER TABLE "old_Attestation" RENAME TO "Attestation";
CREATE UNIQUE INDEX "Attestation_uuid_key" ON "Attestation"("uuid");
CREATE UNIQUE INDEX "Attestation_buildId_keyId_predicateType_key" ON "Attestation"("buildId", "keyId", "predicateType");
CREATE INDEX "Attestation_keyId_idx" ON "Attestation"("keyId");
CREATE INDEX "Attestation_envelopeSha256_idx" ON "Attestation"("envelopeSha256");

ALTER TABLE "Output" DROP COLUMN "confirmedBy";
DROP TABLE "PolicyVerdict";
DROP TABLE "TrustedKey";
