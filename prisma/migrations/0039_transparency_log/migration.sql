-- The transparency log: what the site has stated, in an order that nobody can change later.
CREATE TABLE "LogHead" (
    "number" INTEGER NOT NULL PRIMARY KEY,
    "origin" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "note" TEXT,
    "edge" BLOB NOT NULL,
    "lastAttestationId" INTEGER NOT NULL,
    "startedAt" DATETIME NOT NULL
);

CREATE TABLE "LogEntry" (
    "log" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "sha256" BLOB NOT NULL,
    "leafSha256" BLOB NOT NULL,
    "entry" TEXT NOT NULL,
    CONSTRAINT "LogEntry_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32),
    CONSTRAINT "LogEntry_leafSha256_hash" CHECK (typeof("leafSha256") = 'blob' AND length("leafSha256") = 32),
    PRIMARY KEY ("log", "index"),
    CONSTRAINT "LogEntry_log_fkey" FOREIGN KEY ("log") REFERENCES "LogHead" ("number") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "LogTile" (
    "log" INTEGER NOT NULL,
    "level" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "rootSha256" BLOB NOT NULL,
    "hashes" BLOB NOT NULL,
    CONSTRAINT "LogTile_rootSha256_hash" CHECK (typeof("rootSha256") = 'blob' AND length("rootSha256") = 32),
    PRIMARY KEY ("log", "level", "index"),
    CONSTRAINT "LogTile_log_fkey" FOREIGN KEY ("log") REFERENCES "LogHead" ("number") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "LogCosignature" (
    "log" INTEGER NOT NULL,
    "witness" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "line" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    PRIMARY KEY ("log", "witness"),
    CONSTRAINT "LogCosignature_log_fkey" FOREIGN KEY ("log") REFERENCES "LogHead" ("number") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "LogRemoval" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sha256" BLOB NOT NULL,
    CONSTRAINT "LogRemoval_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);

CREATE TABLE "WitnessedLog" (
    "origin" TEXT NOT NULL PRIMARY KEY,
    "verifierKey" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "rootSha256" BLOB,
    "note" TEXT,
    "addedAt" DATETIME NOT NULL,
    "seenAt" DATETIME,
    CONSTRAINT "WitnessedLog_rootSha256_hash" CHECK ("rootSha256" IS NULL OR (typeof("rootSha256") = 'blob' AND length("rootSha256") = 32))
);

CREATE UNIQUE INDEX "LogHead_origin_key" ON "LogHead"("origin");
CREATE INDEX "LogEntry_sha256_log_idx" ON "LogEntry"("sha256", "log");

CREATE TRIGGER "Attestation_removed" AFTER DELETE ON "Attestation" BEGIN
    INSERT INTO "LogRemoval" ("sha256") VALUES (OLD."envelopeSha256");
END;
