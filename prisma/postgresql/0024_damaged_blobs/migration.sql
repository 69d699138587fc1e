-- Content whose file is known to be missing or damaged: downloads of it are refused before they begin (server/verify).
CREATE TABLE "DamagedBlob" (
    "sha256" BYTEA NOT NULL,
    "problem" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "foundAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "DamagedBlob_pkey" PRIMARY KEY ("sha256"),
    CONSTRAINT "DamagedBlob_sha256_hash" CHECK (octet_length("sha256") = 32)
);
