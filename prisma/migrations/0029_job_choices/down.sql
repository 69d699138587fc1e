-- What the operator has chosen for a job: its section, and whether lists show it.
-- Loses: these choices. All jobs are shown again, in the sections that their builds name.
ALTER TABLE "Job" DROP COLUMN "isHidden";
ALTER TABLE "Job" DROP COLUMN "operatorSection";
