-- How often the outputs of the jobs below a heading are built.
-- Loses: these policies. Schedules with one build of each output, as `--reproduce 1` has said since, have no policy again.
UPDATE "Schedule" SET "definition" = json_set("definition", '$.reproduce', NULL) WHERE "definition" LIKE '%"reproduce":{"times":1,%';
UPDATE "Run" SET "definition" = json_set("definition", '$.reproduce', NULL) WHERE "definition" LIKE '%"reproduce":{"times":1,%';
UPDATE "ScheduleVersion" SET "definition" = json_set("definition", '$.reproduce', NULL) WHERE "definition" LIKE '%"reproduce":{"times":1,%';
DROP TABLE "SectionPolicy";
