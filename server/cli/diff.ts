import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { BinarySizeDiff } from '../analyses/binary-size/diff-binary-sizes.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { localCopies } from '../blobs/local-copies.ts'
import { diskBlobStore } from '../blobs/disk-blob-store.ts'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { findComparedBuilds, type ComparedBuild } from '../diffs/compared-build.ts'
import { diffBuilds, findFirstDifferingOffset } from '../diffs/diff-builds.ts'
import { printDiff } from './print-diff.ts'
import { readRecordFile } from '../diffs/record-file.ts'
import { summarize } from '../diffs/summarize.ts'
import { DomainError } from '../errors.ts'
import { withFileRanges } from '../formats/file-ranges.ts'
import { createWorkerPool } from '../workers/worker-pool.ts'
import { createLog } from '../log.ts'
import { readConfig } from '../config.ts'
import { ioOf } from './command-io.ts'
import { printBuildsDeep, printFilesDeep } from './diff-deep.ts'
import { diffSizes } from './diff-sizes.ts'
import { readBuildAt } from './remote/compared-builds.ts'
import { onSite } from './remote/on-site.ts'
import { remoteSiteOf } from './remote/remote-site.ts'
import { environmentOf } from './settings.ts'

type DiffFlags = { json: boolean; deep: boolean; path?: string }

/** An argument is neither a stored build nor a file. */
export class NothingToCompareError extends DomainError {
  override readonly name = 'NothingToCompareError'
}

/** `hub diff` */
export function addDiffCommand(hub: Command): void {
  hub
    .command('diff <left> <right>')
    .description(
      'print the differences between two builds; each is the UUID of a stored build, or a file with a build record, ' +
        'as builder-server writes it ("full"); two files need no data directory',
    )
    .option('--json', 'print JSON', false)
    .option(
      '--deep',
      'print instead where the main binaries differ, and why: through archives, compressed files and programs; ' +
        'the files need not be records of builds then',
      false,
    )
    .option('--path <artifact>', 'with --deep: compare this file of both builds instead of the main binaries')
    .action(async (left: string, right: string, { json, deep, path }: DiffFlags, command: Command) => {
      const dir = mkdtempSync(join(tmpdir(), 'builder-hub-diff-'))
      const workers = createWorkerPool()
      try {
        const files = diskBlobStore({ dir: join(dir, 'blobs'), stagingDir: join(dir, 'staging') })
        const copies = localCopies({ dir: join(dir, 'copies') })
        if (deep && path === undefined && isPlainFile(left) && isPlainFile(right)) {
          ioOf(command).stdout.write(await printFilesDeep({ copies, workers }, left, right))
          return
        }
        const builds = [
          await findBuild(left, files, command),
          await findBuild(right, files, command),
        ] as const
        if (deep) {
          ioOf(command).stdout.write(await printBuildsDeep({ copies, workers }, builds, path ?? null))
          return
        }
        const diff = await diffBuilds({ workers, log: createLog('silent') }, ...builds)
        const firstDifferingOffset = await findFirstDifferingOffset(diff)
        const sizes = await diffSizes({ copies, workers }, ...builds)
        ioOf(command).stdout.write(
          json
            ? `${toJson(diff, firstDifferingOffset, sizes)}\n`
            : printDiff(diff, firstDifferingOffset, sizes),
        )
      } finally {
        await workers.close()
        rmSync(dir, { recursive: true, force: true })
      }
    })
}

/** Whether it is a file that does not begin as a record does: with a sequence of ASN.1. */
function isPlainFile(name: string): boolean {
  if (!statSync(name, { throwIfNoEntry: false })?.isFile()) return false
  return withFileRanges(name, (file) => file.sizeBytes === 0 || file.read(0, 1)[0] !== sequenceTag)
}

const sequenceTag = 0x30

async function findBuild(name: string, files: BlobStore, command: Command): Promise<ComparedBuild> {
  if (statSync(name, { throwIfNoEntry: false })?.isFile()) return readRecordFile(files, name)
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) {
    throw new NothingToCompareError(`${name} is neither a file nor the UUID of a build`)
  }
  const uuid = name.toLowerCase()
  const build = await onSite<ComparedBuild | undefined>(command, {
    remote: async (site) => (await readBuildAt(site, uuid, files)) ?? undefined,
    async local({ db }) {
      const blobs = await siteBlobStore(readConfig(environmentOf(command)))
      return (await findComparedBuilds({ db, blobs }, [uuid])).get(uuid)
    },
  })
  if (build) return build
  const place = remoteSiteOf(command)?.url ?? readConfig(environmentOf(command)).dataDir
  throw new NothingToCompareError(`${place} has no build ${uuid}`)
}

/** JSON with the names of the GraphQL API. */
function toJson(
  diff: Awaited<ReturnType<typeof diffBuilds>>,
  firstDifferingOffset: number | null,
  sizes: BinarySizeDiff | null,
): string {
  const { left, right, inputs, files } = diff
  const describe = ({ blobs: _blobs, artifacts: _artifacts, ...facts }: ComparedBuild) => facts
  const value = {
    left: describe(left),
    right: describe(right),
    summary: summarize(diff),
    firstDifferingOffset,
    binarySize: sizes && {
      summary: sizes.summary,
      packages: sizes.packages,
      modules: sizes.modules,
    },
    ...inputs,
    artifacts: files,
  }
  return JSON.stringify(value, null, 2)
}
