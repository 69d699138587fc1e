-- Tables of jobs, platforms, builds, artifacts and users.
-- Loses: everything. An empty database is left.
DROP TABLE "Access";
DROP TABLE "JobPlatform";
DROP TABLE "Artifact";
DROP TABLE "Build";
DROP TABLE "User";
DROP TABLE "Platform";
DROP TABLE "Job";
