-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Job" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "section" TEXT,
    "synopsis" TEXT,
    "description" TEXT,
    "readmeSha256" TEXT,
    "readmeAt" TIMESTAMP(3),
    "newestSuccessAt" TIMESTAMP(3),
    "pendingSwitchSha256" TEXT,
    "switchAt" TIMESTAMP(3),

    CONSTRAINT "Job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Platform" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "Platform_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobPlatform" (
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "succeededCount" INTEGER NOT NULL DEFAULT 0,
    "failedCount" INTEGER NOT NULL DEFAULT 0,
    "reproducedCount" INTEGER NOT NULL DEFAULT 0,
    "notReproducibleCount" INTEGER NOT NULL DEFAULT 0,
    "unconfirmedCount" INTEGER NOT NULL DEFAULT 0,
    "newestBuildId" INTEGER NOT NULL,
    "newestSuccessId" INTEGER,
    "newestMainBinaryId" INTEGER,

    CONSTRAINT "JobPlatform_pkey" PRIMARY KEY ("jobId","platformId")
);

-- CreateTable
CREATE TABLE "Build" (
    "id" SERIAL NOT NULL,
    "uuid" TEXT NOT NULL,
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "finishedAt" TIMESTAMP(3) NOT NULL,
    "receivedAt" TIMESTAMP(3) NOT NULL,
    "recordStartedAt" TIMESTAMP(3),
    "recordFinishedAt" TIMESTAMP(3),
    "status" TEXT NOT NULL,
    "resultKind" TEXT NOT NULL,
    "resultCode" BIGINT,
    "resultMessage" BYTEA,
    "inputId" TEXT,
    "mainBinaryId" INTEGER,
    "mainBinaryPath" TEXT,
    "mainBinarySha256" TEXT,
    "mainBinarySizeBytes" BIGINT,
    "opamSwitchSha256" TEXT,
    "debugBinarySha256" TEXT,
    "verdict" TEXT NOT NULL DEFAULT 'NO_OUTPUT',
    "verdictAt" TIMESTAMP(3),
    "uploaderId" INTEGER,
    "scriptSha256" TEXT NOT NULL,
    "scriptSizeBytes" BIGINT NOT NULL,
    "consoleSha256" TEXT NOT NULL,
    "consoleSizeBytes" BIGINT NOT NULL,
    "consoleIndexSha256" TEXT NOT NULL,
    "consoleLineCount" INTEGER NOT NULL,
    "consoleDerBytes" BIGINT,
    "readmeSha256" TEXT,
    "readmePath" TEXT,
    "artifactCount" INTEGER NOT NULL,
    "artifactsSizeBytes" BIGINT NOT NULL,

    CONSTRAINT "Build_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Artifact" (
    "id" SERIAL NOT NULL,
    "buildId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Artifact_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Output" (
    "sha256" TEXT NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "inputCount" INTEGER NOT NULL,
    "hasOtherOutput" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Output_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "JobOutput" (
    "jobId" INTEGER NOT NULL,
    "scope" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "firstBuildId" INTEGER NOT NULL,
    "firstStartedAt" TIMESTAMP(3) NOT NULL,
    "lastBuildId" INTEGER NOT NULL,
    "lastStartedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "JobOutput_pkey" PRIMARY KEY ("jobId","scope","sha256")
);

-- CreateTable
CREATE TABLE "QueuedTask" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claims" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 0,
    "isWantedAgain" BOOLEAN NOT NULL DEFAULT false,
    "dueAt" TIMESTAMP(3) NOT NULL,
    "leaseOwner" TEXT,
    "leaseUntil" TIMESTAMP(3),
    "payload" TEXT,
    "progress" TEXT,
    "error" TEXT,
    "resultSha256" TEXT,
    "resultSizeBytes" BIGINT,
    "summary" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "startedAt" TIMESTAMP(3),
    "finishedAt" TIMESTAMP(3),

    CONSTRAINT "QueuedTask_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobPeriod" (
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "unit" TEXT NOT NULL,
    "startsAt" TIMESTAMP(3) NOT NULL,
    "endsAt" TIMESTAMP(3) NOT NULL,
    "buildCount" INTEGER NOT NULL,
    "failedCount" INTEGER NOT NULL,
    "reproducedCount" INTEGER NOT NULL,
    "notReproducibleCount" INTEGER NOT NULL,
    "unconfirmedCount" INTEGER NOT NULL,
    "durationSumMs" BIGINT NOT NULL,
    "durationMinMs" BIGINT,
    "durationMaxMs" BIGINT,
    "sizeMinBytes" BIGINT,
    "sizeMaxBytes" BIGINT,
    "sha256Min" TEXT,
    "sha256Max" TEXT,

    CONSTRAINT "JobPeriod_pkey" PRIMARY KEY ("jobId","platformId","unit","startsAt")
);

-- CreateTable
CREATE TABLE "FactRebuild" (
    "rule" TEXT NOT NULL,
    "doneJobId" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "FactRebuild_pkey" PRIMARY KEY ("rule")
);

-- CreateTable
CREATE TABLE "User" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "passwordHash" BYTEA NOT NULL,
    "passwordSalt" BYTEA NOT NULL,
    "scryptN" INTEGER NOT NULL,
    "scryptR" INTEGER NOT NULL,
    "scryptP" INTEGER NOT NULL,
    "unrestricted" BOOLEAN NOT NULL,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Access" (
    "userId" INTEGER NOT NULL,
    "jobName" TEXT NOT NULL,

    CONSTRAINT "Access_pkey" PRIMARY KEY ("userId","jobName")
);

-- CreateIndex
CREATE UNIQUE INDEX "Job_name_key" ON "Job"("name");

-- CreateIndex
CREATE INDEX "Job_section_name_idx" ON "Job"("section", "name");

-- CreateIndex
CREATE UNIQUE INDEX "Platform_name_key" ON "Platform"("name");

-- CreateIndex
CREATE INDEX "JobPlatform_platformId_idx" ON "JobPlatform"("platformId");

-- CreateIndex
CREATE INDEX "JobPlatform_newestBuildId_idx" ON "JobPlatform"("newestBuildId");

-- CreateIndex
CREATE INDEX "JobPlatform_newestSuccessId_idx" ON "JobPlatform"("newestSuccessId");

-- CreateIndex
CREATE INDEX "JobPlatform_newestMainBinaryId_idx" ON "JobPlatform"("newestMainBinaryId");

-- CreateIndex
CREATE UNIQUE INDEX "Build_uuid_key" ON "Build"("uuid");

-- CreateIndex
CREATE UNIQUE INDEX "Build_mainBinaryId_key" ON "Build"("mainBinaryId");

-- CreateIndex
CREATE INDEX "Build_startedAt_id_idx" ON "Build"("startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_status_startedAt_id_idx" ON "Build"("status", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_platformId_startedAt_id_idx" ON "Build"("platformId", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_platformId_status_startedAt_id_idx" ON "Build"("platformId", "status", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_startedAt_id_idx" ON "Build"("jobId", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_status_startedAt_id_idx" ON "Build"("jobId", "status", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_platformId_startedAt_id_mainBinarySha256_idx" ON "Build"("jobId", "platformId", "startedAt", "id", "mainBinarySha256");

-- CreateIndex
CREATE INDEX "Build_jobId_platformId_status_startedAt_id_idx" ON "Build"("jobId", "platformId", "status", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_verdict_startedAt_id_status_idx" ON "Build"("verdict", "startedAt", "id", "status");

-- CreateIndex
CREATE INDEX "Build_platformId_verdict_startedAt_id_status_idx" ON "Build"("platformId", "verdict", "startedAt", "id", "status");

-- CreateIndex
CREATE INDEX "Build_jobId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "verdict", "startedAt", "id", "status");

-- CreateIndex
CREATE INDEX "Build_jobId_platformId_verdict_startedAt_id_status_idx" ON "Build"("jobId", "platformId", "verdict", "startedAt", "id", "status");

-- CreateIndex
CREATE INDEX "Build_inputId_mainBinarySha256_startedAt_id_idx" ON "Build"("inputId", "mainBinarySha256", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_mainBinarySha256_startedAt_id_inputId_idx" ON "Build"("mainBinarySha256", "startedAt", "id", "inputId");

-- CreateIndex
CREATE INDEX "Build_mainBinarySha256_platformId_jobId_startedAt_id_idx" ON "Build"("mainBinarySha256", "platformId", "jobId", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_mainBinarySha256_uploaderId_idx" ON "Build"("mainBinarySha256", "uploaderId");

-- CreateIndex
CREATE INDEX "Build_uploaderId_idx" ON "Build"("uploaderId");

-- CreateIndex
CREATE INDEX "Build_receivedAt_id_idx" ON "Build"("receivedAt", "id");

-- CreateIndex
CREATE INDEX "Build_status_id_idx" ON "Build"("status", "id");

-- CreateIndex
CREATE INDEX "Build_platformId_id_idx" ON "Build"("platformId", "id");

-- CreateIndex
CREATE INDEX "Build_platformId_status_id_idx" ON "Build"("platformId", "status", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_id_idx" ON "Build"("jobId", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_status_id_idx" ON "Build"("jobId", "status", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_platformId_id_idx" ON "Build"("jobId", "platformId", "id");

-- CreateIndex
CREATE INDEX "Artifact_sha256_startedAt_id_idx" ON "Artifact"("sha256", "startedAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Artifact_buildId_path_key" ON "Artifact"("buildId", "path");

-- CreateIndex
CREATE INDEX "JobOutput_jobId_scope_lastStartedAt_lastBuildId_idx" ON "JobOutput"("jobId", "scope", "lastStartedAt", "lastBuildId");

-- CreateIndex
CREATE INDEX "JobOutput_firstBuildId_idx" ON "JobOutput"("firstBuildId");

-- CreateIndex
CREATE INDEX "JobOutput_lastBuildId_idx" ON "JobOutput"("lastBuildId");

-- CreateIndex
CREATE INDEX "QueuedTask_kind_state_priority_dueAt_id_idx" ON "QueuedTask"("kind", "state", "priority", "dueAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "QueuedTask_kind_key_key" ON "QueuedTask"("kind", "key");

-- CreateIndex
CREATE UNIQUE INDEX "User_name_key" ON "User"("name");

-- AddForeignKey
ALTER TABLE "JobPlatform" ADD CONSTRAINT "JobPlatform_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobPlatform" ADD CONSTRAINT "JobPlatform_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobPlatform" ADD CONSTRAINT "JobPlatform_newestBuildId_fkey" FOREIGN KEY ("newestBuildId") REFERENCES "Build"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobPlatform" ADD CONSTRAINT "JobPlatform_newestSuccessId_fkey" FOREIGN KEY ("newestSuccessId") REFERENCES "Build"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobPlatform" ADD CONSTRAINT "JobPlatform_newestMainBinaryId_fkey" FOREIGN KEY ("newestMainBinaryId") REFERENCES "Build"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_mainBinaryId_fkey" FOREIGN KEY ("mainBinaryId") REFERENCES "Artifact"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_uploaderId_fkey" FOREIGN KEY ("uploaderId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Artifact" ADD CONSTRAINT "Artifact_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobOutput" ADD CONSTRAINT "JobOutput_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobOutput" ADD CONSTRAINT "JobOutput_firstBuildId_fkey" FOREIGN KEY ("firstBuildId") REFERENCES "Build"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobOutput" ADD CONSTRAINT "JobOutput_lastBuildId_fkey" FOREIGN KEY ("lastBuildId") REFERENCES "Build"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobPeriod" ADD CONSTRAINT "JobPeriod_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Access" ADD CONSTRAINT "Access_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
