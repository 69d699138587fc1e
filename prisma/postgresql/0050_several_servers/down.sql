-- Several servers of one site: who runs, who leads, and the wrong passwords that they count together.
-- Loses: the counts of wrong passwords of the last five minutes. Stop all servers but one before.
DROP TABLE "Leader";
DROP TABLE "Server";
DROP TABLE "AttemptCount";
