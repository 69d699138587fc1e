-- Several servers of one site: who runs, who leads, and the wrong passwords that they count together.
CREATE TABLE "AttemptCount" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "AttemptCount_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "Server" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "keyMark" TEXT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "seenAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Server_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Leader" (
    "role" TEXT NOT NULL,
    "term" INTEGER NOT NULL,
    "serverId" TEXT NOT NULL,
    "leaseUntil" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Leader_pkey" PRIMARY KEY ("role")
);
