import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { unlessDamaged } from '../blobs/checked-stream.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import { DomainError } from '../errors.ts'
import { perServer } from '../per-server.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'
import type { BuildInputs } from './build-inputs.ts'
import type { InputRole } from './read-input-file.ts'

/** Where the inputs of a build are told. Null: it has no such file. */
export type InputFiles = {
  platform: string
  opamSwitchSha256: string | null
  systemPackagesSha256: string | null
  environmentSha256: string | null
  scriptSha256: string
  consoleSha256: string
}

export type Reading = { blobs: Pick<BlobStore, 'open' | 'sizeBytes'>; workers: WorkerPool }

/** Larger files are not read. Of a console the beginning is: the plan of opam stands there. */
const maxBytes = { OPAM_SWITCH: 4, SYSTEM_PACKAGES: 1, ENVIRONMENT: 1, CONSOLE: 2 } as const

type Key = { role: InputRole; sha256: string }

/** What files say, by role and hash. */
const cacheOf = perServer(() => {
  // The other processes are for pages.
  const few = pLimit(2)
  return new LRUCache<string, BuildInputs, Reading & Key>({
    // Names with their states: some dozen MB.
    maxSize: 400_000,
    sizeCalculation: (inputs) =>
      1 + Object.values(inputs).reduce((sum, states) => sum + (states?.size ?? 0), 0),
    fetchMethod: (_key, _known, { context }) => few(() => readFile(context)),
  })
})

/** A file that is damaged, too large or no file of its kind tells nothing. */
async function readFile({ blobs, workers, role, sha256 }: Reading & Key): Promise<BuildInputs> {
  const limit = maxBytes[role] * 1024 ** 2
  const bytes = await unlessDamaged(readBytes(blobs, toBlobId(sha256), limit))
  if (!bytes || (bytes.length === limit && role !== 'CONSOLE')) return {}
  try {
    return await workers.run('readInputFile', { role, bytes })
  } catch (error) {
    if (error instanceof DomainError || error instanceof TaskLimitError) return {}
    throw error
  }
}

/**
 * What a build was made from, as far as it is known. `packagesFrom`: versions of packages are those of the opam switch, or those that the console
 * names. Two builds are compared by the same source of both.
 */
export async function readInputs(
  reading: Reading,
  files: InputFiles,
  packagesFrom: 'SWITCH' | 'CONSOLE',
): Promise<BuildInputs> {
  const read = async (role: InputRole, sha256: string | null): Promise<BuildInputs> =>
    sha256 === null
      ? {}
      : cacheOf(reading.workers).forceFetch(`${role} ${sha256}`, { context: { ...reading, role, sha256 } })
  const isSwitch = packagesFrom === 'SWITCH'
  const [packages, system, environment] = await Promise.all([
    isSwitch ? read('OPAM_SWITCH', files.opamSwitchSha256) : read('CONSOLE', files.consoleSha256),
    read('SYSTEM_PACKAGES', files.systemPackagesSha256),
    read('ENVIRONMENT', files.environmentSha256),
  ])
  return {
    ...{ ...packages, ...system, ...environment },
    SCRIPT: new Map([['script', files.scriptSha256.slice(0, 12)]]),
    PLATFORM: new Map([['platform', files.platform]]),
  }
}
