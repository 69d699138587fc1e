import { expect, test } from 'vitest'
import { localCopies } from '../../../server/blobs/local-copies.ts'
import { kinds } from '../../../server/analyses/kinds.ts'
import { diffSizes } from '../../../server/cli/diff-sizes.ts'
import type { ComparedBuild } from '../../../server/diffs/compared-build.ts'
import { createWorkerPool, type WorkerPool } from '../../../server/workers/worker-pool.ts'
import { NotAnalysableError } from '../../../server/errors.ts'
import { TaskLimitError } from '../../../server/workers/worker-process.ts'
import { sha256 } from '../graphql-site.ts'

function buildWith(binary: string): ComparedBuild {
  const mainBinary = { path: 'bin/hello', sha256: sha256(binary), sizeBytes: 1 }
  return {
    uuid: binary,
    job: 'hello',
    platform: 'debian-12',
    ...{ startedAt: new Date(0), finishedAt: new Date(1), recordStartedAt: null, recordFinishedAt: null },
    script: { sha256: sha256('script'), sizeBytes: 1 },
    ...{ mainBinary, artifacts: [mainBinary] },
    blobs: { open: async () => null, sizeBytes: async () => 1, fileOf: (id) => `/nowhere/${id}` },
  }
}

const copies = localCopies({ dir: '/nowhere' })

/** Workers whose runs end so. */
const workersThat = (run: (...call: unknown[]) => Promise<never>): WorkerPool => ({
  ...createWorkerPool(),
  run,
})

test('a binary that exceeds a limit of the analysis has no sizes', async () => {
  const workers = workersThat(() => Promise.reject(new TaskLimitError('it takes longer than 60 s')))
  expect(await diffSizes({ copies, workers }, buildWith('one'), buildWith('other'))).toBeNull()
})

test('a result of another shape is an error', async () => {
  const workers = workersThat(async () => ({ result: Buffer.from('{}') }) as never)
  await expect(diffSizes({ copies, workers }, buildWith('one'), buildWith('other'))).rejects.toThrow(
    'the result of the analysis BINARY_SIZE does not have its shape',
  )
})

test('a binary that cannot be analysed has no sizes, and the comparison goes on', async () => {
  const workers = workersThat(() => Promise.reject(new NotAnalysableError('the result has more than 16 MiB')))
  expect(await diffSizes({ copies, workers }, buildWith('one'), buildWith('other'))).toBeNull()
})

test('the analysis has the limits of its kind', async () => {
  const limits: unknown[] = []
  const workers = workersThat((...call) => {
    limits.push(call[2])
    return Promise.reject(new NotAnalysableError('enough'))
  })
  await diffSizes({ copies, workers }, buildWith('one'), buildWith('other'))
  const { maxCpuMs, maxMemoryMiB } = kinds.BINARY_SIZE ?? {}
  expect(limits).toHaveLength(2)
  for (const one of limits) expect(one).toMatchObject({ maxCpuMs, maxMemoryMiB })
})
