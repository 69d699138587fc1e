-- Addresses of users, what they want to be told by e-mail, and the mails.
ALTER TABLE "User" ADD COLUMN "email" TEXT;
ALTER TABLE "User" ADD COLUMN "emailConfirmedAt" TIMESTAMP(3);
ALTER TABLE "User" ADD COLUMN "emailProblem" TEXT;
ALTER TABLE "User" ADD COLUMN "quietFrom" INTEGER;
ALTER TABLE "User" ADD COLUMN "quietUntil" INTEGER;
ALTER TABLE "User" ADD COLUMN "timeZone" TEXT NOT NULL DEFAULT 'UTC';

CREATE TABLE "Subscription" (
    "id" SERIAL NOT NULL,
    "userId" INTEGER NOT NULL,
    "jobs" TEXT NOT NULL,
    "platforms" TEXT,
    "events" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Subscription_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Subscription_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Mail" (
    "id" SERIAL NOT NULL,
    "userId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "dedupeKey" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "inReplyTo" TEXT,
    "subscriptions" TEXT,
    "state" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "sentAt" TIMESTAMP(3),
    "answer" TEXT,

    CONSTRAINT "Mail_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Mail_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Notification" (
    "id" SERIAL NOT NULL,
    "userId" INTEGER NOT NULL,
    "subscriptionId" INTEGER NOT NULL,
    "transition" TEXT NOT NULL,
    "job" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "build" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "digest" TEXT NOT NULL,
    "cause" TEXT,
    "mailId" INTEGER,

    CONSTRAINT "Notification_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Notification_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Notification_mailId_fkey" FOREIGN KEY ("mailId") REFERENCES "Mail" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE INDEX "Subscription_userId_id_idx" ON "Subscription"("userId", "id");

CREATE INDEX "Notification_userId_cause_id_idx" ON "Notification"("userId", "cause", "id");

CREATE INDEX "Notification_mailId_idx" ON "Notification"("mailId");

CREATE INDEX "Notification_at_idx" ON "Notification"("at");

CREATE UNIQUE INDEX "Notification_userId_job_platform_transition_build_key" ON "Notification"("userId", "job", "platform", "transition", "build");

CREATE UNIQUE INDEX "Mail_dedupeKey_key" ON "Mail"("dedupeKey");

CREATE UNIQUE INDEX "Mail_messageId_key" ON "Mail"("messageId");

CREATE INDEX "Mail_userId_createdAt_idx" ON "Mail"("userId", "createdAt");

CREATE INDEX "Mail_state_id_idx" ON "Mail"("state", "id");

CREATE INDEX "Mail_createdAt_idx" ON "Mail"("createdAt");
