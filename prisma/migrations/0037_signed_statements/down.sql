-- Keys that the site signs with, and the statements that it has signed.
-- Loses: all signed statements, and the public halves of keys that were replaced. The private keys stay in the data directory.
DROP TABLE "AttestationSubject";
DROP TABLE "Attestation";
DROP TABLE "SigningKey";
DROP INDEX IF EXISTS "Package_name_version_idx";
