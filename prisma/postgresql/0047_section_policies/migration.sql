-- How often the outputs of the jobs below a heading are built.
CREATE TABLE "SectionPolicy" (
    "section" TEXT NOT NULL,
    "reproduce" TEXT NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "SectionPolicy_pkey" PRIMARY KEY ("section")
);
