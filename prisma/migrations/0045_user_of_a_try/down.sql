-- The user with whose token a worker has taken a try.
-- Loses: whose worker may come back for a run that is under way.
ALTER TABLE "RunTry" DROP COLUMN "userId";
