-- Packages are listed by name, across ecosystems.
-- Loses: nothing.
DROP INDEX "PackageVersion_name_ecosystem_version_idx";
