-- Background work in a table of its own.
-- Loses: tasks that wait, except analyses. The server adds them again after an upgrade.
DROP TABLE "QueuedTask";
