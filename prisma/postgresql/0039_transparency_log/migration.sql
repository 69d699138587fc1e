-- The transparency log: what the site has stated, in an order that nobody can change later.
CREATE TABLE "LogHead" (
    "number" INTEGER NOT NULL,
    "origin" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "note" TEXT,
    "edge" BYTEA NOT NULL,
    "lastAttestationId" INTEGER NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "LogHead_pkey" PRIMARY KEY ("number")
);

CREATE TABLE "LogEntry" (
    "log" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "leafSha256" BYTEA NOT NULL,
    "entry" TEXT NOT NULL,

    CONSTRAINT "LogEntry_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "LogEntry_leafSha256_hash" CHECK (octet_length("leafSha256") = 32),
    CONSTRAINT "LogEntry_pkey" PRIMARY KEY ("log", "index")
);

CREATE TABLE "LogTile" (
    "log" INTEGER NOT NULL,
    "level" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "rootSha256" BYTEA NOT NULL,
    "hashes" BYTEA NOT NULL,

    CONSTRAINT "LogTile_rootSha256_hash" CHECK (octet_length("rootSha256") = 32),
    CONSTRAINT "LogTile_pkey" PRIMARY KEY ("log", "level", "index")
);

CREATE TABLE "LogCosignature" (
    "log" INTEGER NOT NULL,
    "witness" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "line" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "LogCosignature_pkey" PRIMARY KEY ("log", "witness")
);

CREATE TABLE "LogRemoval" (
    "id" SERIAL NOT NULL,
    "sha256" BYTEA NOT NULL,

    CONSTRAINT "LogRemoval_sha256_hash" CHECK (octet_length("sha256") = 32),
    CONSTRAINT "LogRemoval_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "WitnessedLog" (
    "origin" TEXT NOT NULL,
    "verifierKey" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "rootSha256" BYTEA,
    "note" TEXT,
    "addedAt" TIMESTAMP(3) NOT NULL,
    "seenAt" TIMESTAMP(3),

    CONSTRAINT "WitnessedLog_rootSha256_hash" CHECK (octet_length("rootSha256") = 32),
    CONSTRAINT "WitnessedLog_pkey" PRIMARY KEY ("origin")
);

CREATE UNIQUE INDEX "LogHead_origin_key" ON "LogHead"("origin");
CREATE INDEX "LogEntry_sha256_log_idx" ON "LogEntry"("sha256", "log");

ALTER TABLE "LogEntry" ADD CONSTRAINT "LogEntry_log_fkey" FOREIGN KEY ("log") REFERENCES "LogHead"("number") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "LogTile" ADD CONSTRAINT "LogTile_log_fkey" FOREIGN KEY ("log") REFERENCES "LogHead"("number") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "LogCosignature" ADD CONSTRAINT "LogCosignature_log_fkey" FOREIGN KEY ("log") REFERENCES "LogHead"("number") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE FUNCTION note_removed_attestation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "LogRemoval" ("sha256") VALUES (OLD."envelopeSha256");
    RETURN NULL;
END
$$;
CREATE TRIGGER "Attestation_removed" AFTER DELETE ON "Attestation"
    FOR EACH ROW EXECUTE FUNCTION note_removed_attestation();
