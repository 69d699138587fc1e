-- The older schema has no place for pins and removed builds: both are forgotten.
DROP TABLE "TombstoneArtifact";
DROP TABLE "Tombstone";
DROP TABLE "Pin";
