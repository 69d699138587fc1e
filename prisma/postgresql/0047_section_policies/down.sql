-- How often the outputs of the jobs below a heading are built.
-- Loses: these policies. Schedules with one build of each output, as `--reproduce 1` has said since, have no policy again.
UPDATE "Schedule" SET "definition" = jsonb_set("definition"::jsonb, '{reproduce}', 'null')::text WHERE "definition" LIKE '%"reproduce":{"times":1,%';
UPDATE "Run" SET "definition" = jsonb_set("definition"::jsonb, '{reproduce}', 'null')::text WHERE "definition" LIKE '%"reproduce":{"times":1,%';
UPDATE "ScheduleVersion" SET "definition" = jsonb_set("definition"::jsonb, '{reproduce}', 'null')::text WHERE "definition" LIKE '%"reproduce":{"times":1,%';
DROP TABLE "SectionPolicy";
