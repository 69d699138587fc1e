-- Package repositories.
-- Loses: what is published, until the newer version publishes it again. The keys stay in the data directory.
DROP TABLE "RepositoryFile";
DROP TABLE "Repository";
DROP TABLE "Package";
