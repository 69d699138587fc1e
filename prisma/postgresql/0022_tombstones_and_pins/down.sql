-- Builds that retention keeps, and what is still answered for builds that were removed.
-- Loses: pins and tombstones.
DROP TABLE "TombstoneArtifact";
DROP TABLE "Tombstone";
DROP TABLE "Pin";
