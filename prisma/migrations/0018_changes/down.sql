-- How often each kind of change has happened.
-- Loses: these numbers. They begin at 0 again, and nobody misses them: no server runs meanwhile.
DROP TABLE "ChangeCount";
