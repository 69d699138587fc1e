import { join } from 'node:path'
import { startBuildWorker, type BuildWorker } from '../server/build-worker/build-worker.ts'
import type { Log } from '../server/log.ts'
import { parseListenAddress } from '../server/settings/listen-address.ts'
import { readVersion } from '../server/site/read-version.ts'
import { demoPlatform } from './scheduled-jobs.ts'

/** A worker of two slots, as `hub worker` starts it, in the process of the demo. `address`: of the builder protocol. */
export function startWorker(address: string, dataDir: string, log: Log): Promise<BuildWorker> {
  const server = parseListenAddress(address)
  if (!server) throw new Error('the demo serves no workers')
  return startBuildWorker(
    {
      server: { ...server, tls: null },
      ...{ platform: demoPlatform, name: `demo-${demoPlatform}`, slots: 2 },
      software: `hub-worker ${readVersion()}`,
      isBuilderProtocol: false,
      readToken: () => Promise.resolve(null),
      limits: {
        ...{ timeMs: 300_000, memoryBytes: 2 ** 30, diskBytes: 2 ** 28, cpus: 1 },
        ...{ maxProcesses: 100, network: 'never' },
      },
      sandbox: 'auto',
      places: { hidden: [], readable: [], writable: [] },
      env: {},
      workDir: join(dataDir, 'worker'),
      pauses: { minMs: 200, maxMs: 5_000 },
    },
    log,
  )
}
