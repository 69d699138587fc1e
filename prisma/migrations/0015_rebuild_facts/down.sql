-- The facts that are derived from builds are to be rebuilt once.
-- Loses: that the facts were rebuilt. They are rebuilt again, in the background.
DELETE FROM "FactRebuild" WHERE "rule" IN ('verdicts', 'jobs', 'job-platforms', 'job-periods', 'job-outputs');
