import type { Database } from '../../../server/database/connections.ts'
import type { Deps } from '../../../server/deps.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'
import { hostileKinds } from './hostile-kinds.ts'
import { hostileWorkers } from './hostile-workers.ts'

/** An application whose analyses do what their input says; not started yet. */
export function hostileApp(
  options: { maxCpuMs?: number } & Partial<Omit<Deps, 'analyses' | keyof Database>> & {
      database?: Database
    } = {},
): Promise<TestApp> {
  const { maxCpuMs, ...overrides } = options
  return testApp({
    ...overrides,
    analyses: { kinds: hostileKinds(1, maxCpuMs), workers: hostileWorkers(), slots: 2, retryPauseMs: 10 },
  })
}

/** A successful build with this main binary, and no switch. */
export const buildOf = (binary: string, parts: Partial<ExecRecord> = {}) =>
  sampleRecord({ artifacts: [file('bin/hello.hvt', binary)], ...parts })

/** Store a build with this main binary, and wait until all is analysed. */
export async function analyse(app: TestApp, binary: string, parts: Partial<ExecRecord> = {}) {
  const record = buildOf(binary, parts)
  await receiveAll(app, [record])
  await app.deps.runner.settled()
  const [first] = await analysesOf(app, record.uuid)
  return first
}

const query = `query ($uuid: UUID!) { build(uuid: $uuid) {
  analyses { id kind state version inputSha256 attempts error startedAt finishedAt } } }`

export async function analysesOf(app: TestApp, uuid: string) {
  const { data, errors } = await app.graphql(query, { uuid })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.build.analyses
}
