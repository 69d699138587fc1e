import { counted } from '../counted.ts'
import { visibleText } from '../visible-text.ts'

type FoundBuild = { uuid: string; job: string; platform: string; startedAt: Date; outcome: string }

/** What `hub search` prints. */
export type Found = {
  jobs: { name: string; synopsis: string | null }[]
  platforms: { name: string }[]
  packages: { ecosystem: string; name: string; versionCount: number }[]
  builds: FoundBuild[]
  files: { path: string; job: string; buildCount: number }[]
  failures: (FoundBuild & { line: string })[]
  contents: string[]
  users: string[]
}

/** One a line, each with its kind in front. */
export function describeFound(found: Found): string {
  const build = ({ uuid, job, platform, startedAt, outcome }: FoundBuild) =>
    `${uuid} ${job} on ${platform}, ${startedAt.toISOString()}: ${outcome}`
  const lines = [
    ...found.jobs.map(({ name, synopsis }) => `job ${name}${synopsis === null ? '' : `: ${synopsis}`}`),
    ...found.platforms.map(({ name }) => `platform ${name}`),
    ...found.packages.map(
      ({ ecosystem, name, versionCount }) =>
        `package ${name} of ${ecosystem}: ${counted(versionCount, 'version')}`,
    ),
    ...found.builds.map((one) => `build ${build(one)}`),
    ...found.files.map(
      ({ path, job, buildCount }) => `file ${path} of ${job}: ${counted(buildCount, 'build')}`,
    ),
    ...found.failures.map((one) => `failure ${build(one)}: ${one.line}`),
    ...found.contents.map((sha256) => `content ${sha256}`),
    ...found.users.map((name) => `user ${name}`),
  ]
  return lines.map((line) => `${visibleText(line)}\n`).join('')
}
