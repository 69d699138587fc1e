import { exportBuilds } from './export-builds.ts'
import type { ExportList } from './export-list.ts'
import {
  exportAdvisories,
  exportFiles,
  exportJobs,
  exportOutputs,
  exportPackages,
  exportPlatforms,
  exportRuns,
} from './export-others.ts'

/** The lists, by the names of their files without the ending. */
export const exportLists: Readonly<Record<string, ExportList>> = {
  builds: exportBuilds,
  jobs: exportJobs,
  platforms: exportPlatforms,
  outputs: exportOutputs,
  files: exportFiles,
  packages: exportPackages,
  advisories: exportAdvisories,
  runs: exportRuns,
}
