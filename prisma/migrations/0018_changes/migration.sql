-- How often each kind of change has happened (server/changes/change.ts). Each transaction counts its own changes.
CREATE TABLE "ChangeCount" (
    "kind" TEXT NOT NULL PRIMARY KEY,
    "value" BIGINT NOT NULL
);
