-- CreateTable
CREATE TABLE "Job" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "section" TEXT,
    "synopsis" TEXT,
    "description" TEXT,
    "readmeSha256" TEXT,
    "readmeAt" DATETIME,
    "newestSuccessAt" DATETIME
);

-- CreateTable
CREATE TABLE "Platform" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "JobPlatform" (
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "succeededCount" INTEGER NOT NULL DEFAULT 0,
    "failedCount" INTEGER NOT NULL DEFAULT 0,
    "newestBuildId" INTEGER NOT NULL,
    "newestMainBinaryId" INTEGER,

    PRIMARY KEY ("jobId", "platformId"),
    CONSTRAINT "JobPlatform_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "JobPlatform_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "JobPlatform_newestBuildId_fkey" FOREIGN KEY ("newestBuildId") REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "JobPlatform_newestMainBinaryId_fkey" FOREIGN KEY ("newestMainBinaryId") REFERENCES "Build" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Build" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" TEXT NOT NULL,
    "jobId" INTEGER NOT NULL,
    "platformId" INTEGER NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "finishedAt" DATETIME NOT NULL,
    "receivedAt" DATETIME NOT NULL,
    "status" TEXT NOT NULL,
    "resultKind" TEXT NOT NULL,
    "resultCode" BIGINT,
    "resultMessage" BLOB,
    "inputId" TEXT,
    "mainBinaryId" INTEGER,
    "mainBinarySha256" TEXT,
    "uploaderId" INTEGER,
    "scriptSha256" TEXT NOT NULL,
    "scriptSizeBytes" BIGINT NOT NULL,
    "consoleSha256" TEXT NOT NULL,
    "consoleSizeBytes" BIGINT NOT NULL,
    "consoleIndexSha256" TEXT NOT NULL,
    "consoleLineCount" INTEGER NOT NULL,
    "readmeSha256" TEXT,
    "artifactCount" INTEGER NOT NULL,
    "artifactsSizeBytes" BIGINT NOT NULL,
    CONSTRAINT "Build_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Build_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "Platform" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Build_mainBinaryId_fkey" FOREIGN KEY ("mainBinaryId") REFERENCES "Artifact" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Build_uploaderId_fkey" FOREIGN KEY ("uploaderId") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Artifact" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "buildId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    CONSTRAINT "Artifact_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "User" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "passwordHash" BLOB NOT NULL,
    "passwordSalt" BLOB NOT NULL,
    "scryptN" INTEGER NOT NULL,
    "scryptR" INTEGER NOT NULL,
    "scryptP" INTEGER NOT NULL,
    "unrestricted" BOOLEAN NOT NULL,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Access" (
    "userId" INTEGER NOT NULL,
    "jobName" TEXT NOT NULL,

    PRIMARY KEY ("userId", "jobName"),
    CONSTRAINT "Access_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
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
CREATE INDEX "Build_jobId_platformId_startedAt_id_idx" ON "Build"("jobId", "platformId", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_jobId_platformId_status_startedAt_id_idx" ON "Build"("jobId", "platformId", "status", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Build_inputId_idx" ON "Build"("inputId");

-- CreateIndex
CREATE INDEX "Build_mainBinarySha256_idx" ON "Build"("mainBinarySha256");

-- CreateIndex
CREATE INDEX "Build_uploaderId_idx" ON "Build"("uploaderId");

-- CreateIndex
CREATE INDEX "Artifact_sha256_startedAt_id_idx" ON "Artifact"("sha256", "startedAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Artifact_buildId_path_key" ON "Artifact"("buildId", "path");

-- CreateIndex
CREATE UNIQUE INDEX "User_name_key" ON "User"("name");
