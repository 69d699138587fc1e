-- The audit log is append-only, and each JSON Web Token counts once.
-- Loses: which JSON Web Tokens were used in the last minutes.
DROP TABLE "UsedJwt";
DROP TRIGGER "AuditEntry_no_delete";
DROP TRIGGER "AuditEntry_no_update";
