-- Where a build's readme lay, so that its record can be given back as it came. Not known of the builds
-- that are stored already; most have it at the top, where it is taken to be then.
ALTER TABLE "Build" ADD COLUMN "readmePath" TEXT;
