-- Roles, tokens, sessions, the second factor and the audit log.
-- Loses: roles, tokens, sessions, second factors, who is known at another site, and the audit log. All users become uploaders.
DROP TABLE "AuditEntry";
DROP TABLE "RecoveryCode";
DROP TABLE "Session";
DROP TABLE "Token";
DROP INDEX "User_oidcIssuer_oidcSubject_key";
ALTER TABLE "User" DROP COLUMN "totpStep";
ALTER TABLE "User" DROP COLUMN "totpSecret";
ALTER TABLE "User" DROP COLUMN "oidcSubject";
ALTER TABLE "User" DROP COLUMN "oidcIssuer";
ALTER TABLE "User" DROP COLUMN "role";
