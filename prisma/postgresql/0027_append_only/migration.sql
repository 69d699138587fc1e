-- The audit log is append-only, and each JSON Web Token counts once.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER "AuditEntry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEntry"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

CREATE TABLE "UsedJwt" (
    "sha256" BYTEA NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "UsedJwt_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "UsedJwt_pkey" PRIMARY KEY ("sha256")
);

CREATE INDEX "UsedJwt_expiresAt_idx" ON "UsedJwt"("expiresAt");
