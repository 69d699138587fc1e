-- Keys that the site signs with, and the statements that it has signed.
CREATE TABLE "SigningKey" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "purpose" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "sha256" BLOB NOT NULL,
    "publicKey" TEXT NOT NULL,
    "activeFrom" DATETIME NOT NULL,
    "retiredAt" DATETIME,
    "revokedAt" DATETIME,
    "revokedSince" DATETIME,
    "revokedFor" TEXT,
    "introduction" TEXT,
    CONSTRAINT "SigningKey_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "Attestation" (
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

CREATE TABLE "AttestationSubject" (
    "attestationId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" BLOB NOT NULL,
    CONSTRAINT "AttestationSubject_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32),
    PRIMARY KEY ("attestationId", "name"),
    CONSTRAINT "AttestationSubject_attestationId_fkey" FOREIGN KEY ("attestationId") REFERENCES "Attestation" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "SigningKey_sha256_key" ON "SigningKey"("sha256");
CREATE INDEX "SigningKey_purpose_id_idx" ON "SigningKey"("purpose", "id");
CREATE UNIQUE INDEX "Attestation_uuid_key" ON "Attestation"("uuid");
CREATE UNIQUE INDEX "Attestation_buildId_keyId_predicateType_key" ON "Attestation"("buildId", "keyId", "predicateType");
CREATE INDEX "Attestation_keyId_idx" ON "Attestation"("keyId");
CREATE INDEX "Attestation_envelopeSha256_idx" ON "Attestation"("envelopeSha256");
CREATE INDEX "AttestationSubject_sha256_attestationId_idx" ON "AttestationSubject"("sha256", "attestationId");
CREATE INDEX "Package_name_version_idx" ON "Package"("name", "version");
