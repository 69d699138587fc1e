-- The main binary of a build beside it, so that lists of builds show it without reading artifacts.
ALTER TABLE "Build" ADD COLUMN "mainBinaryPath" TEXT;
ALTER TABLE "Build" ADD COLUMN "mainBinarySizeBytes" BIGINT;

-- The builds that are stored already.
UPDATE "Build" SET "mainBinaryPath" = a."path", "mainBinarySizeBytes" = a."sizeBytes"
FROM "Artifact" a WHERE a."id" = "Build"."mainBinaryId";
