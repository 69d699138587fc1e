import type Database from 'better-sqlite3'

/**
 * Turns a database of the newest schema into one from before migration 0016: without queued tasks. Rows of analyses
 * are carried over; what else waits is dropped.
 */
export function bringBackAnalyses(sqlite: Database.Database): void {
  sqlite.exec(`
    CREATE TABLE "Analysis" (
      "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "kind" TEXT NOT NULL, "inputSha256" TEXT NOT NULL,
      "debugSha256" TEXT NOT NULL DEFAULT '', "state" TEXT NOT NULL, "version" INTEGER NOT NULL DEFAULT 0,
      "attempts" INTEGER NOT NULL DEFAULT 0, "error" TEXT, "dueAt" DATETIME NOT NULL, "startedAt" DATETIME,
      "finishedAt" DATETIME, "resultSha256" TEXT, "resultSizeBytes" BIGINT, "summary" TEXT);
    CREATE TABLE "AnalysisSweep" (
      "kind" TEXT NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL, "seenBuildId" INTEGER NOT NULL);
    CREATE UNIQUE INDEX "Analysis_kind_inputSha256_debugSha256_key"
      ON "Analysis"("kind", "inputSha256", "debugSha256");
    INSERT INTO "Analysis" (kind, "inputSha256", "debugSha256", state, version, attempts, error, "dueAt",
        "startedAt", "finishedAt", "resultSha256", "resultSizeBytes", summary)
      SELECT kind, substr(key, 1, 64), substr(key, 66),
        CASE state WHEN 'DONE' THEN 'READY' WHEN 'DEAD' THEN 'FAILED' ELSE state END, version, attempts, error,
        "dueAt", "startedAt", "finishedAt", "resultSha256", "resultSizeBytes", summary
      FROM "QueuedTask" WHERE length(key) >= 64 ORDER BY id;
    DROP TABLE "QueuedTask";
    DELETE FROM "_prisma_migrations" WHERE migration_name IN ('0016_queued_tasks', '0017_tasks_of_analyses')`)
}
