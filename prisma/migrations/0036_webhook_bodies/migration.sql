-- The body of a webhook once for each delivery, and an index of deliveries by their state.
ALTER TABLE "WebhookDelivery" ADD COLUMN "requestBody" TEXT;
UPDATE "WebhookDelivery" SET "requestBody" = (SELECT a."requestBody" FROM "WebhookAttempt" a
    WHERE a."deliveryId" = "WebhookDelivery"."id" AND a."requestBody" <> '' ORDER BY a."id" LIMIT 1);

-- SQLite cannot let a column be null, so the table is copied. Null: the body of the delivery.
CREATE TABLE "new_WebhookAttempt" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deliveryId" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "url" TEXT NOT NULL,
    "requestHeaders" TEXT NOT NULL,
    "requestBody" TEXT,
    "status" INTEGER,
    "durationMs" INTEGER NOT NULL,
    "responseHead" TEXT,
    "error" TEXT,
    CONSTRAINT "WebhookAttempt_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "WebhookDelivery" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_WebhookAttempt" ("id", "deliveryId", "at", "url", "requestHeaders", "requestBody", "status", "durationMs",
    "responseHead", "error")
SELECT a."id", a."deliveryId", a."at", a."url", a."requestHeaders", NULLIF(a."requestBody", d."requestBody"), a."status",
    a."durationMs", a."responseHead", a."error"
FROM "WebhookAttempt" a JOIN "WebhookDelivery" d ON d."id" = a."deliveryId" ORDER BY a."id";
DELETE FROM sqlite_sequence WHERE "name" = 'new_WebhookAttempt';
INSERT INTO sqlite_sequence ("name", "seq") SELECT 'new_WebhookAttempt',
    "seq" FROM sqlite_sequence WHERE "name" = 'WebhookAttempt';
DROP TABLE "WebhookAttempt";
ALTER TABLE "new_WebhookAttempt" RENAME TO "WebhookAttempt";
CREATE INDEX "WebhookAttempt_deliveryId_id_idx" ON "WebhookAttempt"("deliveryId", "id");

CREATE INDEX "WebhookDelivery_state_id_idx" ON "WebhookDelivery"("state", "id");
