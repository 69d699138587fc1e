-- What earlier releases derived from builds is compared with its definition, and corrected. The server does so in the
-- background after its start. A site without builds has nothing to rebuild.
INSERT INTO "FactRebuild" ("rule")
SELECT 'verdicts' WHERE EXISTS (SELECT 1 FROM "Build")
UNION ALL SELECT 'jobs' WHERE EXISTS (SELECT 1 FROM "Build")
UNION ALL SELECT 'job-platforms' WHERE EXISTS (SELECT 1 FROM "Build")
UNION ALL SELECT 'job-periods' WHERE EXISTS (SELECT 1 FROM "Build")
UNION ALL SELECT 'job-outputs' WHERE EXISTS (SELECT 1 FROM "Build");
