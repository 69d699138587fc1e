-- Roles of users, tokens for machines, sessions of browsers, the second factor, and the audit log.
ALTER TABLE "User" ADD COLUMN "role" TEXT NOT NULL DEFAULT 'UPLOADER';
ALTER TABLE "User" ADD COLUMN "oidcIssuer" TEXT;
ALTER TABLE "User" ADD COLUMN "oidcSubject" TEXT;
ALTER TABLE "User" ADD COLUMN "totpSecret" BLOB;
ALTER TABLE "User" ADD COLUMN "totpStep" INTEGER;

CREATE TABLE "Token" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "userId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" BLOB NOT NULL,
    "prefix" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "networks" TEXT,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME,
    "lastUsedAt" DATETIME,
    "lastUsedFrom" TEXT,
    "revokedAt" DATETIME,
    CONSTRAINT "Token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Token_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "Session" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "userId" INTEGER NOT NULL,
    "sha256" BLOB NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "authenticatedAt" DATETIME NOT NULL,
    "lastSeenAt" DATETIME NOT NULL,
    "lastSeenFrom" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Session_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "RecoveryCode" (
    "sha256" BLOB NOT NULL PRIMARY KEY,
    "userId" INTEGER NOT NULL,
    "usedAt" DATETIME,
    CONSTRAINT "RecoveryCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "RecoveryCode_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "AuditEntry" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "actor" TEXT,
    "via" TEXT NOT NULL,
    "credential" TEXT,
    "address" TEXT,
    "requestId" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "result" TEXT NOT NULL,
    "detail" TEXT,
    "previousSha256" BLOB,
    "sha256" BLOB NOT NULL,
    CONSTRAINT "AuditEntry_previousSha256_hash" CHECK ("previousSha256" IS NULL OR typeof("previousSha256") = 'blob' AND length("previousSha256") = 32),
    CONSTRAINT "AuditEntry_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE UNIQUE INDEX "User_oidcIssuer_oidcSubject_key" ON "User"("oidcIssuer", "oidcSubject");
CREATE UNIQUE INDEX "Token_sha256_key" ON "Token"("sha256");
CREATE INDEX "Token_userId_id_idx" ON "Token"("userId", "id");
CREATE UNIQUE INDEX "Session_sha256_key" ON "Session"("sha256");
CREATE INDEX "Session_userId_id_idx" ON "Session"("userId", "id");
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");
CREATE INDEX "RecoveryCode_userId_idx" ON "RecoveryCode"("userId");
CREATE UNIQUE INDEX "AuditEntry_sha256_key" ON "AuditEntry"("sha256");
CREATE INDEX "AuditEntry_actor_id_idx" ON "AuditEntry"("actor", "id");
CREATE INDEX "AuditEntry_action_id_idx" ON "AuditEntry"("action", "id");
CREATE INDEX "AuditEntry_at_idx" ON "AuditEntry"("at");
