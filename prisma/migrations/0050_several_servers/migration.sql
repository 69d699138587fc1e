-- Several servers of one site: who runs, who leads, and the wrong passwords that they count together.
CREATE TABLE "AttemptCount" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT
);

CREATE TABLE "Server" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "keyMark" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "seenAt" DATETIME NOT NULL
);

CREATE TABLE "Leader" (
    "role" TEXT NOT NULL PRIMARY KEY,
    "term" INTEGER NOT NULL,
    "serverId" TEXT NOT NULL,
    "leaseUntil" DATETIME NOT NULL
);
