-- Roles of users, tokens for machines, sessions of browsers, the second factor, and the audit log.
ALTER TABLE "User" ADD COLUMN "role" TEXT NOT NULL DEFAULT 'UPLOADER';
ALTER TABLE "User" ADD COLUMN "oidcIssuer" TEXT;
ALTER TABLE "User" ADD COLUMN "oidcSubject" TEXT;
ALTER TABLE "User" ADD COLUMN "totpSecret" BYTEA;
ALTER TABLE "User" ADD COLUMN "totpStep" INTEGER;

CREATE TABLE "Token" (
    "id" SERIAL NOT NULL,
    "userId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "networks" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "expiresAt" TIMESTAMP(3),
    "lastUsedAt" TIMESTAMP(3),
    "lastUsedFrom" TEXT,
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "Token_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "Token_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Session" (
    "id" SERIAL NOT NULL,
    "userId" INTEGER NOT NULL,
    "sha256" BYTEA NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "authenticatedAt" TIMESTAMP(3) NOT NULL,
    "lastSeenAt" TIMESTAMP(3) NOT NULL,
    "lastSeenFrom" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Session_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "RecoveryCode" (
    "sha256" BYTEA NOT NULL,
    "userId" INTEGER NOT NULL,
    "usedAt" TIMESTAMP(3),

    CONSTRAINT "RecoveryCode_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "RecoveryCode_pkey" PRIMARY KEY ("sha256")
);

CREATE TABLE "AuditEntry" (
    "id" SERIAL NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "actor" TEXT,
    "via" TEXT NOT NULL,
    "credential" TEXT,
    "address" TEXT,
    "requestId" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "result" TEXT NOT NULL,
    "detail" TEXT,
    "previousSha256" BYTEA,
    "sha256" BYTEA NOT NULL,

    CONSTRAINT "AuditEntry_previousSha256_hash" CHECK (octet_length("previousSha256") = 32),
    CONSTRAINT "AuditEntry_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
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

ALTER TABLE "Token" ADD CONSTRAINT "Token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "RecoveryCode" ADD CONSTRAINT "RecoveryCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
