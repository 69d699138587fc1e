-- Analyses of what builds bring, as rows.
-- Loses: the results of analyses. They are computed again after an upgrade.
DROP TABLE "AnalysisSweep";
DROP TABLE "Analysis";
ALTER TABLE "Build" DROP COLUMN "debugBinarySha256";
ALTER TABLE "Build" DROP COLUMN "opamSwitchSha256";
