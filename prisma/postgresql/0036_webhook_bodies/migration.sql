-- The body of a webhook once for each delivery, and an index of deliveries by their state.
ALTER TABLE "WebhookDelivery" ADD COLUMN "requestBody" TEXT;
UPDATE "WebhookDelivery" SET "requestBody" = (SELECT a."requestBody" FROM "WebhookAttempt" a
    WHERE a."deliveryId" = "WebhookDelivery"."id" AND a."requestBody" <> '' ORDER BY a."id" LIMIT 1);

-- Null: the body of the delivery.
ALTER TABLE "WebhookAttempt" ALTER COLUMN "requestBody" DROP NOT NULL;
UPDATE "WebhookAttempt" a SET "requestBody" = NULL FROM "WebhookDelivery" d
    WHERE d."id" = a."deliveryId" AND d."requestBody" = a."requestBody";

CREATE INDEX "WebhookDelivery_state_id_idx" ON "WebhookDelivery"("state", "id");
