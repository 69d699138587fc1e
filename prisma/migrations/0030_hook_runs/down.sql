-- Runs of local hooks.
-- Loses: which hooks ran, and what they printed. Hooks that wait do not run.
DELETE FROM "QueuedTask" WHERE kind IN ('HOOK', 'PRUNE_HOOK_RUNS');
DROP TABLE "HookRun";
