-- How many bytes a build's console has in the record that /exec gives back: it stands before the entries there. Not
-- known of the builds that are stored already; it is added up once when their record is asked for.
ALTER TABLE "Build" ADD COLUMN "consoleDerBytes" BIGINT;
