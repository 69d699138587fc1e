-- Addresses of users, what they want to be told by e-mail, and the mails.
-- Loses: the addresses, quiet hours and subscriptions of all users, and the log of mails.
DROP TABLE "Notification";
DROP TABLE "Mail";
DROP TABLE "Subscription";
ALTER TABLE "User" DROP COLUMN "timeZone";
ALTER TABLE "User" DROP COLUMN "quietUntil";
ALTER TABLE "User" DROP COLUMN "quietFrom";
ALTER TABLE "User" DROP COLUMN "emailProblem";
ALTER TABLE "User" DROP COLUMN "emailConfirmedAt";
ALTER TABLE "User" DROP COLUMN "email";
