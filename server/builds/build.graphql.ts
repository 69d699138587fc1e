import DataLoader from 'dataloader'
import { builder, type Context } from '../graphql/builder.ts'
import { textPrice } from '../graphql/connection.ts'
import { buildPath, consolePath, scriptPath } from '../paths.ts'
import { perOperation } from '../per-operation.ts'
import { loadPlatform, Platform } from '../platforms/platform.graphql.ts'
import { BuildResult } from './build-result.graphql.ts'
import { buildResultOf } from './build-result.ts'
import { describeOutcome } from './describe-build.ts'
import { maxScriptBytes, readScript } from './read-script.ts'

export const BuildStatus = builder.enumType('BuildStatus', {
  description: 'Whether a build did what it was asked to.',
  values: {
    SUCCEEDED: { description: 'The script exited 0.' },
    FAILED: { description: 'It exited otherwise, was ended by a signal, or was aborted.' },
  },
})

export const Verdict = builder.enumType('Verdict', {
  description: 'Verdict on a build, from all builds with the same main binary or the same input.',
  values: {
    REPRODUCED: {
      description:
        'Other builds produced the same main binary, and no build with the same input produced a different one.',
    },
    NOT_REPRODUCIBLE: { description: 'Other builds with the same input produced a different main binary.' },
    UNCONFIRMED: { description: 'No other build has repeated this build yet.' },
    NO_OUTPUT: { description: 'The build has no main binary to compare.' },
  },
})

const jobName = { job: { select: { name: true } } } as const

/**
 * The columns that are always read: those that lists show, and those that order lists. Other columns are read
 * only if they are selected, because there are many, and most rows that pages read are rows of lists.
 *
 * Fields of these columns use plain resolvers. `t.expose` would select the columns again, and make Pothos check for
 * each field of each row whether they were selected.
 */
const rowColumns = {
  id: true,
  uuid: true,
  jobId: true,
  platformId: true,
  startedAt: true,
  finishedAt: true,
  status: true,
  verdict: true,
  resultKind: true,
  resultCode: true,
  resultMessage: true,
  inputId: true,
  mainBinaryId: true,
  mainBinaryPath: true,
  mainBinarySha256: true,
  mainBinarySizeBytes: true,
  scriptSha256: true,
} as const

/** Scripts by their hashes: an operation reads each once. */
const scriptsOf = perOperation(
  ({ blobs }: Context) =>
    new DataLoader<string, string>((hashes) =>
      Promise.all(
        hashes.map((sha256) => readScript({ blobs }, sha256).catch((error: unknown) => error as Error)),
      ),
    ),
)

export const Build = builder.prismaNode('Build', {
  description:
    'One run of a job on one platform. A stored build never changes, but its `reproducibility` changes when other builds arrive.',
  id: { resolve: ({ uuid }) => uuid, description: 'Global id, for `node`.' },
  findUnique: (uuid) => ({ uuid }),
  nullable: true,
  select: rowColumns,
  fields: (t) => ({
    uuid: t.field({
      type: 'UUID',
      description: 'UUID that the server that scheduled the build gave it.',
      resolve: ({ uuid }) => uuid,
    }),
    job: t.relation('job', { description: 'Job that the build is a run of.' }),
    platform: t.field({
      type: Platform,
      description: 'Platform that the build ran on.',
      resolve: ({ platformId }, _args, context) => loadPlatform(context, platformId),
    }),
    status: t.field({
      type: BuildStatus,
      description: 'Whether it succeeded. A build can succeed without a main binary, and fail with one.',
      resolve: ({ status }) => (status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED'),
    }),
    result: t.field({ type: BuildResult, description: 'How the script ended.', resolve: buildResultOf }),
    outcome: t.string({
      description: 'The same in words: `succeeded`, `failed: exited 20`, `failed: killed by SIGKILL`.',
      resolve: describeOutcome,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description:
        "Time at which the build started, by builder-server's clock. If that clock was ahead (`clockAheadMs`), the time is corrected, so that no build starts after it was received.",
      resolve: ({ startedAt }) => startedAt,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      description:
        'Time at which the script ended, by the clock of the builder; corrected where `startedAt` is.',
      resolve: ({ finishedAt }) => finishedAt,
    }),
    durationMs: t.float({
      description:
        'Time from `startedAt` to `finishedAt`, in milliseconds. Negative if the clock was set back during the build.',
      resolve: ({ startedAt, finishedAt }) => finishedAt.getTime() - startedAt.getTime(),
    }),
    clockAheadMs: t.float({
      nullable: true,
      description:
        "By how many milliseconds builder-server's clock was ahead, at least: the start in the record minus `startedAt`. Null if the start in the record is not after `receivedAt`. The end in the record is later than `finishedAt` by the same number, except where that would be before the year 0: then `finishedAt` is the start of the year 0.",
      select: { recordStartedAt: true },
      resolve: ({ startedAt, recordStartedAt }) =>
        recordStartedAt && recordStartedAt.getTime() - startedAt.getTime(),
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When the hub stored it.' }),
    uploadedBy: t.string({
      nullable: true,
      description:
        'Name of the user who uploaded the build. Null if that user has been removed, or if the build was imported and nobody is known to have uploaded it.',
      select: { uploader: { select: { name: true } } },
      resolve: ({ uploader }) => uploader?.name ?? null,
    }),
    importedFrom: t.exposeString('importedFrom', {
      nullable: true,
      description:
        'Host of the site that the build was copied from, e.g. `builds.robur.coop`. Null if it was uploaded here.',
    }),
    inputId: t.field({
      type: 'Sha256',
      nullable: true,
      resolve: ({ inputId }) => inputId,
      description:
        'Builds with the same input id had the same opam switch, environment and system packages: their outputs ' +
        'should be equal. SHA-256 over the SHA-256 digests (32 bytes each) of the artifacts `opam-switch`, ' +
        '`build-environment` and `system-packages`; null when one of them is missing.',
    }),
    consoleUrl: t.field({
      type: 'URL',
      description: 'The whole console as text, oldest line first, each line as `SECONDS.MILLISECONDSs:TEXT`.',
      select: jobName,
      resolve: ({ job, uuid }, _args, { siteUrl }) => siteUrl + consolePath(job.name, uuid),
    }),
    consoleResourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `consoleUrl` on this server.',
      select: jobName,
      resolve: ({ job, uuid }) => consolePath(job.name, uuid),
    }),
    consoleSizeBytes: t.expose('consoleSizeBytes', {
      type: 'ByteSize',
      description: 'Size of the text at `consoleUrl`.',
    }),
    script: t.string({
      nullable: true,
      description: `The script that was run: its first ${maxScriptBytes / 1024} KiB. \`scriptUrl\` has all of it. Bytes that are not UTF-8 are shown as U+FFFD. Null, with an error, if the server has lost it.`,
      complexity: textPrice,
      select: { scriptSha256: true },
      resolve: ({ scriptSha256 }, _args, context) => scriptsOf(context).load(scriptSha256),
    }),
    scriptSizeBytes: t.expose('scriptSizeBytes', {
      type: 'ByteSize',
      description: 'Size of the whole script, at `scriptUrl`.',
    }),
    scriptUrl: t.field({
      type: 'URL',
      description: 'The script as a file.',
      select: jobName,
      resolve: ({ job, uuid }, _args, { siteUrl }) => siteUrl + scriptPath(job.name, uuid),
    }),
    scriptResourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `scriptUrl` on this server.',
      select: jobName,
      resolve: ({ job, uuid }) => scriptPath(job.name, uuid),
    }),
    url: t.field({
      type: 'URL',
      description: 'The page of this build.',
      select: jobName,
      resolve: ({ job, uuid }, _args, { siteUrl }) => siteUrl + buildPath(job.name, uuid),
    }),
    resourcePath: t.field({
      type: 'ResourcePath',
      description: 'Path of `url` on this server.',
      select: jobName,
      resolve: ({ job, uuid }) => buildPath(job.name, uuid),
    }),
  }),
})
