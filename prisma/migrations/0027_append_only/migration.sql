-- The audit log is append-only, and each JSON Web Token counts once.
CREATE TRIGGER "AuditEntry_no_update" BEFORE UPDATE ON "AuditEntry" BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER "AuditEntry_no_delete" BEFORE DELETE ON "AuditEntry" BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE "UsedJwt" (
    "sha256" BLOB NOT NULL PRIMARY KEY,
    "expiresAt" DATETIME NOT NULL,
    CONSTRAINT "UsedJwt_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE INDEX "UsedJwt_expiresAt_idx" ON "UsedJwt"("expiresAt");
