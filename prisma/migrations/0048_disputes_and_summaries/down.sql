-- Who disputes a main binary; and a summary for each policy that held.
-- Loses: who disputes a main binary, and the summaries by all but the first policy of a build.
DELETE FROM "AttestationSubject" WHERE "attestationId" IN (SELECT a."id" FROM "Attestation" a
    JOIN "Attestation" f ON f."buildId" = a."buildId" AND f."keyId" = a."keyId" AND f."predicateType" = a."predicateType" AND f."id" < a."id");
DELETE FROM "Attestation" WHERE "id" IN (SELECT a."id" FROM "Attestation" a
    JOIN "Attestation" f ON f."buildId" = a."buildId" AND f."keyId" = a."keyId" AND f."predicateType" = a."predicateType" AND f."id" < a."id");
DELETE FROM sqlite_sequence WHERE "name" = 'LogRemoval' AND "seq" = 0;
DROP INDEX "Attestation_buildId_keyId_predicateType_idx";
CREATE UNIQUE INDEX "Attestation_buildId_keyId_predicateType_key" ON "Attestation"("buildId", "keyId", "predicateType");

ALTER TABLE "Output" DROP COLUMN "disputedBy";
