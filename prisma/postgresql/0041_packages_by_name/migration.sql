-- Packages are listed by name, across ecosystems.
CREATE INDEX "PackageVersion_name_ecosystem_version_idx" ON "PackageVersion"("name", "ecosystem", "version");
