-- Hashes are 32 bytes instead of 64 hexadecimal digits.
ALTER TABLE "Job"
    DROP CONSTRAINT "Job_readmeSha256_hash",
    DROP CONSTRAINT "Job_pendingSwitchSha256_hash";
ALTER TABLE "Build"
    DROP CONSTRAINT "Build_inputId_hash",
    DROP CONSTRAINT "Build_mainBinarySha256_hash",
    DROP CONSTRAINT "Build_opamSwitchSha256_hash",
    DROP CONSTRAINT "Build_debugBinarySha256_hash",
    DROP CONSTRAINT "Build_scriptSha256_hash",
    DROP CONSTRAINT "Build_consoleSha256_hash",
    DROP CONSTRAINT "Build_consoleIndexSha256_hash",
    DROP CONSTRAINT "Build_readmeSha256_hash";
ALTER TABLE "Artifact"
    DROP CONSTRAINT "Artifact_sha256_hash";
ALTER TABLE "Output"
    DROP CONSTRAINT "Output_sha256_hash";
ALTER TABLE "JobOutput"
    DROP CONSTRAINT "JobOutput_sha256_hash";
ALTER TABLE "QueuedTask"
    DROP CONSTRAINT "QueuedTask_resultSha256_hash";
ALTER TABLE "JobPeriod"
    DROP CONSTRAINT "JobPeriod_sha256Min_hash",
    DROP CONSTRAINT "JobPeriod_sha256Max_hash";

ALTER TABLE "Job"
    ALTER COLUMN "readmeSha256" TYPE TEXT USING encode("readmeSha256", 'hex'),
    ALTER COLUMN "pendingSwitchSha256" TYPE TEXT USING encode("pendingSwitchSha256", 'hex');
ALTER TABLE "Build"
    ALTER COLUMN "inputId" TYPE TEXT USING encode("inputId", 'hex'),
    ALTER COLUMN "mainBinarySha256" TYPE TEXT USING encode("mainBinarySha256", 'hex'),
    ALTER COLUMN "opamSwitchSha256" TYPE TEXT USING encode("opamSwitchSha256", 'hex'),
    ALTER COLUMN "debugBinarySha256" TYPE TEXT USING encode("debugBinarySha256", 'hex'),
    ALTER COLUMN "scriptSha256" TYPE TEXT USING encode("scriptSha256", 'hex'),
    ALTER COLUMN "consoleSha256" TYPE TEXT USING encode("consoleSha256", 'hex'),
    ALTER COLUMN "consoleIndexSha256" TYPE TEXT USING encode("consoleIndexSha256", 'hex'),
    ALTER COLUMN "readmeSha256" TYPE TEXT USING encode("readmeSha256", 'hex');
ALTER TABLE "Artifact"
    ALTER COLUMN "sha256" TYPE TEXT USING encode("sha256", 'hex');
ALTER TABLE "Output"
    ALTER COLUMN "sha256" TYPE TEXT USING encode("sha256", 'hex');
ALTER TABLE "JobOutput"
    ALTER COLUMN "sha256" TYPE TEXT USING encode("sha256", 'hex');
ALTER TABLE "QueuedTask"
    ALTER COLUMN "resultSha256" TYPE TEXT USING encode("resultSha256", 'hex');
ALTER TABLE "JobPeriod"
    ALTER COLUMN "sha256Min" TYPE TEXT USING encode("sha256Min", 'hex'),
    ALTER COLUMN "sha256Max" TYPE TEXT USING encode("sha256Max", 'hex');

DROP FUNCTION hex(bytea);
DROP DOMAIN blob;
