-- The transparency log: what the site has stated, in an order that nobody can change later.
-- Loses: the log, the signatures of its witnesses, and what this site has signed as a witness. Its checkpoints are published: start a new one by "hub log reset" afterwards.
DROP TRIGGER "Attestation_removed";
DROP TABLE "WitnessedLog";
DROP TABLE "LogRemoval";
DROP TABLE "LogCosignature";
DROP TABLE "LogTile";
DROP TABLE "LogEntry";
DROP TABLE "LogHead";
