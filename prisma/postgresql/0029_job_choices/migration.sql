-- What the operator has chosen for a job: its section, and whether lists show it.
ALTER TABLE "Job" ADD COLUMN "operatorSection" TEXT;
ALTER TABLE "Job" ADD COLUMN "isHidden" BOOLEAN NOT NULL DEFAULT false;
