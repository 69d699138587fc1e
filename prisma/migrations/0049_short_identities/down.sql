-- How a set names a package is one letter: S for SWITCH, C for CHECKSUM, U for URL.
-- Loses: nothing.
UPDATE "PackageSetEntry" SET "identifiedBy" =
  CASE "identifiedBy" WHEN 'S' THEN 'SWITCH' WHEN 'C' THEN 'CHECKSUM' ELSE 'URL' END;
