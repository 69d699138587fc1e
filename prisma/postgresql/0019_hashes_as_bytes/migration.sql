-- Hashes are 32 bytes instead of 64 hexadecimal digits.

-- SQLite's names of a type and a function, for SQL that both databases run.
CREATE DOMAIN blob AS bytea;
CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT encode($1, 'hex') $$;

-- A text that is no hash stops the migration and is named: nothing is lost.
DO $$
DECLARE bad RECORD;
BEGIN
    SELECT * INTO bad FROM (
        SELECT 'Job.readmeSha256 of the row with id ' || "id" AS "row", "readmeSha256" AS "value" FROM "Job" WHERE "readmeSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Job.pendingSwitchSha256 of the row with id ' || "id" AS "row", "pendingSwitchSha256" AS "value" FROM "Job" WHERE "pendingSwitchSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.inputId of the row with id ' || "id" AS "row", "inputId" AS "value" FROM "Build" WHERE "inputId" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.mainBinarySha256 of the row with id ' || "id" AS "row", "mainBinarySha256" AS "value" FROM "Build" WHERE "mainBinarySha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.opamSwitchSha256 of the row with id ' || "id" AS "row", "opamSwitchSha256" AS "value" FROM "Build" WHERE "opamSwitchSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.debugBinarySha256 of the row with id ' || "id" AS "row", "debugBinarySha256" AS "value" FROM "Build" WHERE "debugBinarySha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.scriptSha256 of the row with id ' || "id" AS "row", "scriptSha256" AS "value" FROM "Build" WHERE "scriptSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.consoleSha256 of the row with id ' || "id" AS "row", "consoleSha256" AS "value" FROM "Build" WHERE "consoleSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.consoleIndexSha256 of the row with id ' || "id" AS "row", "consoleIndexSha256" AS "value" FROM "Build" WHERE "consoleIndexSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Build.readmeSha256 of the row with id ' || "id" AS "row", "readmeSha256" AS "value" FROM "Build" WHERE "readmeSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Artifact.sha256 of the row with id ' || "id" AS "row", "sha256" AS "value" FROM "Artifact" WHERE "sha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'Output.sha256' AS "row", "sha256" AS "value" FROM "Output" WHERE "sha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'JobOutput.sha256 of the row with jobId ' || "jobId" || ', scope ' || "scope" AS "row", "sha256" AS "value" FROM "JobOutput" WHERE "sha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'QueuedTask.resultSha256 of the row with id ' || "id" AS "row", "resultSha256" AS "value" FROM "QueuedTask" WHERE "resultSha256" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'JobPeriod.sha256Min of the row with jobId ' || "jobId" || ', platformId ' || "platformId" || ', unit ' || "unit" || ', startsAt ' || "startsAt" AS "row", "sha256Min" AS "value" FROM "JobPeriod" WHERE "sha256Min" !~* '^[0-9a-f]{64}$'
        UNION ALL
        SELECT 'JobPeriod.sha256Max of the row with jobId ' || "jobId" || ', platformId ' || "platformId" || ', unit ' || "unit" || ', startsAt ' || "startsAt" AS "row", "sha256Max" AS "value" FROM "JobPeriod" WHERE "sha256Max" !~* '^[0-9a-f]{64}$'
    ) n LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is %, not the 64 hexadecimal digits of a SHA-256: correct this row, and start this version again',
            bad."row", quote_literal(bad."value");
    END IF;
END $$;

ALTER TABLE "Job"
    ALTER COLUMN "readmeSha256" TYPE BYTEA USING decode("readmeSha256", 'hex'),
    ALTER COLUMN "pendingSwitchSha256" TYPE BYTEA USING decode("pendingSwitchSha256", 'hex');
ALTER TABLE "Build"
    ALTER COLUMN "inputId" TYPE BYTEA USING decode("inputId", 'hex'),
    ALTER COLUMN "mainBinarySha256" TYPE BYTEA USING decode("mainBinarySha256", 'hex'),
    ALTER COLUMN "opamSwitchSha256" TYPE BYTEA USING decode("opamSwitchSha256", 'hex'),
    ALTER COLUMN "debugBinarySha256" TYPE BYTEA USING decode("debugBinarySha256", 'hex'),
    ALTER COLUMN "scriptSha256" TYPE BYTEA USING decode("scriptSha256", 'hex'),
    ALTER COLUMN "consoleSha256" TYPE BYTEA USING decode("consoleSha256", 'hex'),
    ALTER COLUMN "consoleIndexSha256" TYPE BYTEA USING decode("consoleIndexSha256", 'hex'),
    ALTER COLUMN "readmeSha256" TYPE BYTEA USING decode("readmeSha256", 'hex');
ALTER TABLE "Artifact"
    ALTER COLUMN "sha256" TYPE BYTEA USING decode("sha256", 'hex');
ALTER TABLE "Output"
    ALTER COLUMN "sha256" TYPE BYTEA USING decode("sha256", 'hex');
ALTER TABLE "JobOutput"
    ALTER COLUMN "sha256" TYPE BYTEA USING decode("sha256", 'hex');
ALTER TABLE "QueuedTask"
    ALTER COLUMN "resultSha256" TYPE BYTEA USING decode("resultSha256", 'hex');
ALTER TABLE "JobPeriod"
    ALTER COLUMN "sha256Min" TYPE BYTEA USING decode("sha256Min", 'hex'),
    ALTER COLUMN "sha256Max" TYPE BYTEA USING decode("sha256Max", 'hex');
ALTER TABLE "Job"
    ADD CONSTRAINT "Job_readmeSha256_hash" CHECK (octet_length("readmeSha256") = 32),
    ADD CONSTRAINT "Job_pendingSwitchSha256_hash" CHECK (octet_length("pendingSwitchSha256") = 32);
ALTER TABLE "Build"
    ADD CONSTRAINT "Build_inputId_hash" CHECK (octet_length("inputId") = 32),
    ADD CONSTRAINT "Build_mainBinarySha256_hash" CHECK (octet_length("mainBinarySha256") = 32),
    ADD CONSTRAINT "Build_opamSwitchSha256_hash" CHECK (octet_length("opamSwitchSha256") = 32),
    ADD CONSTRAINT "Build_debugBinarySha256_hash" CHECK (octet_length("debugBinarySha256") = 32),
    ADD CONSTRAINT "Build_scriptSha256_hash" CHECK (octet_length("scriptSha256") = 32),
    ADD CONSTRAINT "Build_consoleSha256_hash" CHECK (octet_length("consoleSha256") = 32),
    ADD CONSTRAINT "Build_consoleIndexSha256_hash" CHECK (octet_length("consoleIndexSha256") = 32),
    ADD CONSTRAINT "Build_readmeSha256_hash" CHECK (octet_length("readmeSha256") = 32);
ALTER TABLE "Artifact"
    ADD CONSTRAINT "Artifact_sha256_hash" CHECK (octet_length("sha256") = 32);
ALTER TABLE "Output"
    ADD CONSTRAINT "Output_sha256_hash" CHECK (octet_length("sha256") = 32);
ALTER TABLE "JobOutput"
    ADD CONSTRAINT "JobOutput_sha256_hash" CHECK (octet_length("sha256") = 32);
ALTER TABLE "QueuedTask"
    ADD CONSTRAINT "QueuedTask_resultSha256_hash" CHECK (octet_length("resultSha256") = 32);
ALTER TABLE "JobPeriod"
    ADD CONSTRAINT "JobPeriod_sha256Min_hash" CHECK (octet_length("sha256Min") = 32),
    ADD CONSTRAINT "JobPeriod_sha256Max_hash" CHECK (octet_length("sha256Max") = 32);
