-- What has happened on the site, the addresses that events are sent to, and what was sent.
-- Loses: the events of the last 30 days, all addresses with their secrets, and the log of what was sent.
DROP TABLE "WebhookAttempt";
DROP TABLE "WebhookDelivery";
DROP TABLE "WebhookEndpoint";
DROP TABLE "Event";
