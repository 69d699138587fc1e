-- Path and size of the main binary beside its build.
ALTER TABLE "Build" DROP COLUMN "mainBinarySizeBytes";
ALTER TABLE "Build" DROP COLUMN "mainBinaryPath";
