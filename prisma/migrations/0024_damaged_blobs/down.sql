-- The older version finds damaged content anew, when somebody reads it.
DROP TABLE "DamagedBlob";
