-- The user with whose token a worker has taken a try.
ALTER TABLE "RunTry" ADD COLUMN "userId" INTEGER;
