-- An index of the results of tasks by their hash.
DROP INDEX "QueuedTask_resultSha256_idx";
