-- Statements and keys of third parties, and what the policy says of main binaries.
CREATE TABLE "TrustedKey" (
    "id" SERIAL NOT NULL,
    "sha256" BYTEA NOT NULL,
    "algorithm" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "userId" INTEGER,
    "addedAt" TIMESTAMP(3) NOT NULL,
    "revokedAt" TIMESTAMP(3),
    "revokedSince" TIMESTAMP(3),
    "revokedFor" TEXT,
    CONSTRAINT "TrustedKey_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "TrustedKey_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "TrustedKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE "PolicyVerdict" (
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "sha256" BYTEA NOT NULL,
    "policySha256" BYTEA NOT NULL,
    "outcome" TEXT NOT NULL,
    "evidence" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "expiresAt" TIMESTAMP(3),
    CONSTRAINT "PolicyVerdict_pkey" PRIMARY KEY ("jobId", "platformId", "sha256"),
    CONSTRAINT "PolicyVerdict_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "PolicyVerdict_policySha256_hash" CHECK (octet_length("policySha256") = 32),
    CONSTRAINT "PolicyVerdict_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "PolicyVerdict_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

ALTER TABLE "Attestation" ALTER COLUMN "buildId" DROP NOT NULL;
ALTER TABLE "Attestation" ALTER COLUMN "keyId" DROP NOT NULL;
ALTER TABLE "Attestation" ADD COLUMN "origin" TEXT NOT NULL DEFAULT 'HUB';
ALTER TABLE "Attestation" ADD COLUMN "format" TEXT NOT NULL DEFAULT 'DSSE';
ALTER TABLE "Attestation" ADD COLUMN "trustedKeyId" INTEGER;
ALTER TABLE "Attestation" ADD COLUMN "claim" TEXT;
ALTER TABLE "Attestation" ADD COLUMN "inputId" BYTEA;
ALTER TABLE "Attestation" ADD CONSTRAINT "Attestation_inputId_hash" CHECK (octet_length("inputId") = 32);
ALTER TABLE "Attestation" ADD CONSTRAINT "Attestation_trustedKeyId_fkey" FOREIGN KEY ("trustedKeyId") REFERENCES "TrustedKey" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Output" ADD COLUMN "confirmedBy" TEXT;

CREATE INDEX "Attestation_trustedKeyId_id_idx" ON "Attestation"("trustedKeyId", "id");
CREATE INDEX "Attestation_inputId_idx" ON "Attestation"("inputId");
CREATE UNIQUE INDEX "TrustedKey_sha256_key" ON "TrustedKey"("sha256");
CREATE INDEX "TrustedKey_userId_idx" ON "TrustedKey"("userId");
CREATE INDEX "PolicyVerdict_platformId_idx" ON "PolicyVerdict"("platformId");
CREATE INDEX "PolicyVerdict_sha256_idx" ON "PolicyVerdict"("sha256");
CREATE INDEX "PolicyVerdict_expiresAt_idx" ON "PolicyVerdict"("expiresAt");
