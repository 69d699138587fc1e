-- Attempts to give a code of a second factor, which all servers count together.
-- Loses: the attempts of the last hour. Servers count from zero.
DROP TABLE "CodeAttempt";
