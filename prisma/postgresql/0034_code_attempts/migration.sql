-- Attempts to give a code of a second factor, which all servers count together.
CREATE TABLE "CodeAttempt" (
    "id" SERIAL NOT NULL,
    "userId" INTEGER NOT NULL,
    "isRecovery" BOOLEAN NOT NULL,
    "network" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "CodeAttempt_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "CodeAttempt_userId_isRecovery_at_idx" ON "CodeAttempt"("userId", "isRecovery", "at");

ALTER TABLE "CodeAttempt" ADD CONSTRAINT "CodeAttempt_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
