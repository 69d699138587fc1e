-- Who disputes a main binary; and a summary for each policy that held.
ALTER TABLE "Output" ADD COLUMN "disputedBy" TEXT;

DROP INDEX "Attestation_buildId_keyId_predicateType_key";
CREATE INDEX "Attestation_buildId_keyId_predicateType_idx" ON "Attestation"("buildId", "keyId", "predicateType");
