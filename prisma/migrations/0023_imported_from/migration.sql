-- The site that a build was imported from.
ALTER TABLE "Build" ADD COLUMN "importedFrom" TEXT;
