-- How often the outputs of the jobs below a heading are built.
CREATE TABLE "SectionPolicy" (
    "section" TEXT NOT NULL PRIMARY KEY,
    "reproduce" TEXT NOT NULL,
    "updatedAt" DATETIME NOT NULL
);
