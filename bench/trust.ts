// Known issues, the log and statements: what of them takes a turn of the writer, or of the main thread.
import { generateKeyPairSync } from 'node:crypto'
import { Readable } from 'node:stream'
import { importAdvisories } from '../server/advisories/import-advisories.ts'
import type { StatedBuild } from '../server/attestations/build-facts.ts'
import { provenanceOf } from '../server/attestations/provenance.ts'
import { signStatement } from '../server/attestations/sign-statement.ts'
import { byServer } from '../server/audit/actor.ts'
import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import type { AttestationId, BuildId, SigningKeyId } from '../server/ids.ts'
import { appendEntries } from '../server/transparency/append-entries.ts'
import { seedPackages } from './packages.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase } from './server-process.ts'

type Database = Awaited<ReturnType<typeof openDatabase>>

const [jobs, buildsPerJob, buildsPerSwitch] = [100, 200, 4]
const [advisoryCount, entryCount, entriesPerTransaction] = [26, 1_000, 250]
const packagesOfBuild = 250
const sha256 = (n: number) => n.toString(16).padStart(64, '0')

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return (performance.now() - startedAt) / 1_000
}

/** Each is about the early versions of one package: those of the first half are in all builds. */
const advisories = Array.from({ length: advisoryCount }, (_, n) => ({
  ...{ schema_version: '1.7.4', id: `BENCH-${n}`, modified: '2026-06-18T13:45:00Z', summary: 'An issue.' },
  affected: [
    {
      package: { ecosystem: 'opam', name: `package-${String(n).padStart(4, '0')}` },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.3.0' }] }],
    },
  ],
}))

function importAll({ writer }: Database) {
  const files = advisories.map((one) => ({ name: `${one.id}.json`, bytes: Buffer.from(JSON.stringify(one)) }))
  return importAdvisories({ writer }, byServer(), 'bench', Readable.from(files), new Date())
}

/** As the sequencer does, but without waiting for more between the transactions. */
async function appendAll({ writer }: Database): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const where = { number: 1 }
  await writer.transact([], (tx) =>
    tx.logHead.create({
      data: {
        ...{ ...where, origin: 'hub.example/log', size: 0, edge: Buffer.of() },
        ...{ lastAttestationId: 0 as AttestationId, startedAt: new Date() },
      },
    }),
  )
  for (let n = 0; n < entryCount; n += entriesPerTransaction)
    await writer.transact([], async (tx) => {
      const head = await tx.logHead.findUniqueOrThrow({ where })
      const entries = Array.from({ length: entriesPerTransaction }, (_, k) => ({
        ...{ kind: 'attestation' as const, sha256: sha256(n + k), subjects: [sha256(k)] },
        ...{ keyid: sha256(0), time: 0 },
      }))
      await appendEntries(tx, head, { entries, lastAttestationId: 0 as AttestationId }, privateKey)
    })
}

/** The part of a statement that is made in the main thread: the inputs are read in a worker process. */
function medianOfStatementsMs(): number {
  const keys = {
    LOG: { privateKey: generateKeyPairSync('ed25519').privateKey, id: 3 as SigningKeyId },
    ATTEST: { privateKey: generateKeyPairSync('ed25519').privateKey, id: 1 as SigningKeyId },
    SIGSTORE: {
      privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      id: 2 as SigningKeyId,
    },
  }
  const main = { path: 'bin/hello.hvt', sha256: sha256(1) }
  const build: StatedBuild = {
    ...{ id: 1 as BuildId, uuid: '00000000-0000-4000-8000-000000000001', inputId: sha256(2) },
    ...{ startedAt: new Date(0), finishedAt: new Date(0), receivedAt: new Date(0) },
    ...{ job: { name: 'hello' }, platform: { name: 'debian-12' }, uploaderId: null, builder: 'u-00000001' },
    ...{ main, artifacts: [main], opamSwitchSha256: null, readmeSha256: null, readmePath: null },
    ...{ scriptSha256: sha256(3), consoleSha256: sha256(4) },
  }
  const packages = Array.from({ length: packagesOfBuild }, (_, n) => ({
    ...{ name: `package-${n}`, version: '1.0.0', url: `https://example.org/package-${n}-1.0.0.tbz` },
    digest: { sha256: sha256(n), sha512: sha256(n).repeat(2) },
  }))
  const materials = { opamPackage: 'hello.1', environment: {}, packages, duniverse: [] }
  const made = { url: 'https://hub.example', version: '1.0.0' }
  const times = Array.from({ length: 50 }, () => {
    const startedAt = performance.now()
    signStatement(keys, build.uuid, provenanceOf(build, materials, made))
    return performance.now() - startedAt
  })
  return medianOf(times)
}

export async function measureTrust(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  seedBuilds(dataDir, jobs, buildsPerJob, buildsPerSwitch)
  await prepareDatabase(dataDir)
  seedPackages(dataDir)
  const database = await openDatabase(dataDir.databaseFile)
  try {
    return [
      {
        what: `${advisoryCount} advisories over ${(jobs * buildsPerJob) / buildsPerSwitch} switches`,
        value: await secondsOf(() => importAll(database)),
        unit: 's',
        against: { what: 'budget', value: 2, wanted: 'at most' },
      },
      {
        what: `append ${entryCount} entries to the log`,
        value: await secondsOf(() => appendAll(database)),
        unit: 's',
        against: { what: 'budget', value: 1, wanted: 'at most' },
      },
      {
        what: `sign the provenance of ${packagesOfBuild} packages`,
        value: medianOfStatementsMs(),
        unit: 'ms',
        against: { what: 'budget', value: 20, wanted: 'at most' },
      },
    ]
  } finally {
    await database.closeDatabase()
  }
}
