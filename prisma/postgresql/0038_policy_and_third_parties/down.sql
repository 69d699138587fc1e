-- Statements and keys of third parties, and what the policy says of main binaries.
-- Loses: statements and keys of third parties, and what the policy says; the rest is computed again after the next upgrade.
DELETE FROM "Attestation" WHERE "origin" <> 'HUB';
ALTER TABLE "Attestation" DROP COLUMN "inputId";
ALTER TABLE "Attestation" DROP COLUMN "claim";
ALTER TABLE "Attestation" DROP COLUMN "trustedKeyId";
ALTER TABLE "Attestation" DROP COLUMN "format";
ALTER TABLE "Attestation" DROP COLUMN "origin";
ALTER TABLE "Attestation" ALTER COLUMN "keyId" SET NOT NULL;
ALTER TABLE "Attestation" ALTER COLUMN "buildId" SET NOT NULL;
ALTER TABLE "Output" DROP COLUMN "confirmedBy";
DROP TABLE "PolicyVerdict";
DROP TABLE "TrustedKey";
