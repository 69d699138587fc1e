-- How a set names a package is one letter: S for SWITCH, C for CHECKSUM, U for URL.
UPDATE "PackageSetEntry" SET "identifiedBy" = substr("identifiedBy", 1, 1);
