-- Content whose file is known to be missing or damaged: downloads of it are refused before they begin (server/verify).
CREATE TABLE "DamagedBlob" (
    "sha256" BLOB NOT NULL PRIMARY KEY,
    "problem" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "foundAt" DATETIME NOT NULL,
    CONSTRAINT "DamagedBlob_sha256_hash" CHECK (typeof("sha256") = 'blob' AND length("sha256") = 32)
);
