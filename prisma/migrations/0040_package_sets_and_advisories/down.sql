-- Sets of packages that builds contain, and known issues of packages.
-- Loses: the imported advisories, and what the operator has said of them. Sets of packages are read from the builds again.
DROP TABLE "VexStatement";
DROP TABLE "AdvisoryMatch";
DROP TABLE "AdvisoryVersion";
DROP TABLE "AdvisoryPackage";
DROP TABLE "Advisory";
DROP TABLE "PackageSetSource";
DROP TABLE "SourceOrigin";
DROP TABLE "PackageSetEntry";
DROP TABLE "PackageVersion";
DROP TABLE "PackageSet";
DELETE FROM "QueuedTask" WHERE "kind" IN ('COMPONENTS', 'BACKFILL_COMPONENTS', 'MODULES', 'BACKFILL_MODULES');
