-- What has happened on the site, the addresses that events are sent to, and what was sent.
CREATE TABLE "Event" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "dedupeKey" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "job" TEXT,
    "platform" TEXT,
    "build" TEXT,
    "data" TEXT NOT NULL
);

CREATE TABLE "WebhookEndpoint" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "types" TEXT,
    "filter" TEXT NOT NULL,
    "secret" BLOB NOT NULL,
    "previousSecret" BLOB,
    "previousSecretUntil" DATETIME,
    "signingSeed" BLOB,
    "publicKey" TEXT,
    "accessToken" BLOB,
    "state" TEXT NOT NULL,
    "stateReason" TEXT,
    "failureCount" INTEGER NOT NULL DEFAULT 0,
    "failingSince" DATETIME,
    "pausedUntil" DATETIME,
    "lastEventId" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL
);

CREATE TABLE "WebhookDelivery" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "endpointId" INTEGER NOT NULL,
    "eventId" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "dueAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "status" INTEGER,
    "error" TEXT,
    CONSTRAINT "WebhookDelivery_endpointId_fkey" FOREIGN KEY ("endpointId") REFERENCES "WebhookEndpoint" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "WebhookDelivery_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "Event" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "WebhookAttempt" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deliveryId" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "url" TEXT NOT NULL,
    "requestHeaders" TEXT NOT NULL,
    "requestBody" TEXT NOT NULL,
    "status" INTEGER,
    "durationMs" INTEGER NOT NULL,
    "responseHead" TEXT,
    "error" TEXT,
    CONSTRAINT "WebhookAttempt_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "WebhookDelivery" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "Event_uuid_key" ON "Event"("uuid");

CREATE UNIQUE INDEX "Event_dedupeKey_key" ON "Event"("dedupeKey");

CREATE INDEX "Event_at_idx" ON "Event"("at");

CREATE INDEX "WebhookDelivery_endpointId_state_dueAt_id_idx" ON "WebhookDelivery"("endpointId", "state", "dueAt", "id");

CREATE UNIQUE INDEX "WebhookDelivery_eventId_endpointId_key" ON "WebhookDelivery"("eventId", "endpointId");

CREATE INDEX "WebhookAttempt_deliveryId_id_idx" ON "WebhookAttempt"("deliveryId", "id");
