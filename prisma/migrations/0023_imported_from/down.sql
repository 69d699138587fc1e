-- The site that a build was imported from.
-- Loses: the names of these sites.
ALTER TABLE "Build" DROP COLUMN "importedFrom";
