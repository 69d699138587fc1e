-- Where the readme of a build lay.
-- Loses: the paths of readmes. Records of these builds are given back with the readme at the top.
ALTER TABLE "Build" DROP COLUMN "readmePath";
