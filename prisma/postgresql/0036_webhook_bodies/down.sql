-- The body of a webhook once for each delivery, and an index of deliveries by their state.
DROP INDEX "WebhookDelivery_state_id_idx";

UPDATE "WebhookAttempt" a SET "requestBody" = COALESCE(d."requestBody", '') FROM "WebhookDelivery" d
    WHERE d."id" = a."deliveryId" AND a."requestBody" IS NULL;
ALTER TABLE "WebhookAttempt" ALTER COLUMN "requestBody" SET NOT NULL;
ALTER TABLE "WebhookDelivery" DROP COLUMN "requestBody";
