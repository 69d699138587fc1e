import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { receiveAttestation } from '../server/attesters/receive-attestation.ts'
import { possessionType, printPossession, registerKey } from '../server/attesters/register-key.ts'
import { byServer } from '../server/audit/actor.ts'
import type { Deps } from '../server/deps.ts'
import { printEnvelope, statementPayloadType } from '../server/formats/signing/dsse.ts'
import { keyIdOf, publicPem, signEnvelope } from '../server/formats/signing/keys.ts'
import { predicateTypes, printStatement } from '../server/formats/signing/statement.ts'
import type { JobName } from './jobs.ts'

/** Somebody who builds elsewhere; the jobs whose newest outputs his builds gave, too; and those whose newest one they did not give. */
export type Attester = {
  name: string
  keyName: string
  key: KeyObject
  confirms: readonly JobName[]
  disputes: readonly JobName[]
}

export const makeAttesters = (): Attester[] => [
  {
    ...{ name: 'velma', keyName: 'velma’s laptop', key: generateKeyPairSync('ed25519').privateKey },
    confirms: ['dns-primary', 'tls-gateway', 'static-site'],
    disputes: [],
  },
  {
    ...{ name: 'daphne', keyName: 'daphne’s rebuilder', key: generateKeyPairSync('ed25519').privateKey },
    confirms: ['static-site'],
    // Her machine gives another file: a visitor sees that somebody disagrees, and who.
    disputes: ['fleetd'],
  },
]

/** Attesters register their keys as keys of a user, and sign what their own builds gave. */
export async function addAttesters(
  deps: Deps,
  site: string,
  userName: string,
  attesters: readonly Attester[],
): Promise<void> {
  const act = byServer()
  const user = await deps.db.user.findUniqueOrThrow({ where: { name: userName } })
  for (const { confirms, disputes, key, keyName } of attesters) {
    const possession = { site, user: userName, keyId: keyIdOf(key), time: act.at.toISOString() }
    await registerKey(deps, act, user, site, {
      ...{ name: keyName, publicKey: publicPem(key) },
      proof: printEnvelope(signEnvelope(key, possessionType, printPossession(possession))),
    })
    for (const build of await findNewest(deps, confirms))
      await send(deps, key, build, {
        predicateType: predicateTypes.provenance,
        predicate: { buildDefinition: { internalParameters: { inputId: build.inputId } } },
      })
    for (const build of (await findNewest(deps, disputes)).slice(0, 1))
      await send(deps, key, build, {
        predicateType: predicateTypes.testResult,
        predicate: { result: 'FAILED', configuration: [], failedTests: ['rebuild'] },
      })
  }
}

type Binary = { path: string; sha256: string; inputId: string | null }

/** The newest main binaries of jobs, of each platform; the newest first. */
async function findNewest({ db }: Deps, jobs: readonly JobName[]): Promise<Binary[]> {
  const places = await db.jobPlatform.findMany({
    where: { job: { name: { in: [...jobs] } } },
    orderBy: { newestMainBinary: { startedAt: 'desc' } },
    select: { newestMainBinary: { select: { mainBinaryPath: true, mainBinarySha256: true, inputId: true } } },
  })
  return places.flatMap(({ newestMainBinary: build }) =>
    build?.mainBinaryPath && build.mainBinarySha256
      ? [{ path: build.mainBinaryPath, sha256: build.mainBinarySha256, inputId: build.inputId }]
      : [],
  )
}

async function send(
  deps: Deps,
  key: KeyObject,
  { path, sha256 }: Binary,
  claim: { predicateType: string; predicate: object },
): Promise<void> {
  const statement = printStatement({ subject: [{ name: path, digest: { sha256 } }], ...claim })
  const envelope = printEnvelope(signEnvelope(key, statementPayloadType, statement))
  await receiveAttestation(deps, Buffer.from(envelope))
}
