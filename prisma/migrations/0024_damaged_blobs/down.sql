-- Blobs that were found damaged.
-- Loses: these marks. The older version finds the damage anew, when somebody reads the content.
DROP TABLE "DamagedBlob";
