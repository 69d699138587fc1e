-- Attempts to give a code of a second factor, which all servers count together.
CREATE TABLE "CodeAttempt" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "userId" INTEGER NOT NULL,
    "isRecovery" BOOLEAN NOT NULL,
    "network" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    CONSTRAINT "CodeAttempt_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "CodeAttempt_userId_isRecovery_at_idx" ON "CodeAttempt"("userId", "isRecovery", "at");
