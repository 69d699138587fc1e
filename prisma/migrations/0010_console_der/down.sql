-- The length of a console in a record.
-- Loses: these lengths. Each is added up again when the record of its build is asked for.
ALTER TABLE "Build" DROP COLUMN "consoleDerBytes";
