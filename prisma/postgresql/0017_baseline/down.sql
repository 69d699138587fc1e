-- All tables, as SQLite has them after its migration 0017.
-- Loses: everything. An empty database is left.
DROP TABLE "Job" CASCADE;
DROP TABLE "Platform" CASCADE;
DROP TABLE "JobPlatform" CASCADE;
DROP TABLE "Build" CASCADE;
DROP TABLE "Artifact" CASCADE;
DROP TABLE "Output" CASCADE;
DROP TABLE "JobOutput" CASCADE;
DROP TABLE "QueuedTask" CASCADE;
DROP TABLE "JobPeriod" CASCADE;
DROP TABLE "FactRebuild" CASCADE;
DROP TABLE "User" CASCADE;
DROP TABLE "Access" CASCADE;
