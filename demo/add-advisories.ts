import { importAdvisories } from '../server/advisories/import-advisories.ts'
import type { FeedFile } from '../server/advisories/read-feed.ts'
import { setVex } from '../server/advisories/set-vex.ts'
import { byServer } from '../server/audit/actor.ts'
import type { Deps } from '../server/deps.ts'

const dayMs = 24 * 3_600_000

type Sample = {
  id: string
  /** Days before the demo's present. */
  daysAgo: number
  summary: string
  details: string
  package: string
  /** Since which version, and in which one it is corrected; null: in none. */
  introduced: string
  fixed: string | null
  vector: string
  bindings?: readonly string[]
}

/** Made up, like their ids: nothing of this is true of the packages. */
const samples: readonly Sample[] = [
  {
    ...{ id: 'DEMO-2026-03', daysAgo: 5, package: 'dns', introduced: '10.0', fixed: '10.2.0' },
    summary: 'Compressed names can refer to themselves.',
    details:
      'A response whose name points to itself keeps the resolver busy for ever.\n\n## Workaround\n\nLimit the time of a query.',
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    bindings: ['Dns.Name.of_string'],
  },
  {
    ...{ id: 'DEMO-2026-02', daysAgo: 20, package: 'tls', introduced: '0', fixed: '2.0.3' },
    summary: 'A renegotiation skips the check of the server name.',
    details: 'Made up for the demo. Version **2.0.3** checks it again.',
    vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N',
  },
  {
    ...{ id: 'DEMO-2026-01', daysAgo: 40, package: 'fmt', introduced: '0', fixed: null },
    summary: 'Very wide boxes are laid out slowly.',
    details: 'There is no corrected version yet.',
    vector: 'CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:U/C:N/I:N/A:L',
  },
]

/** A feed of advisories, and what the operator says of one of them. */
export async function addAdvisories({ writer }: Pick<Deps, 'writer'>, now: Date): Promise<void> {
  await importAdvisories({ writer }, byServer(now), 'the demo', filesOf(now), now)
  await setVex(writer, byServer(now), {
    ...{ advisoryId: 'DEMO-2026-01', jobs: '*', status: 'NOT_AFFECTED' },
    justification: 'VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY',
    note: 'Only the operator sees what these programs print.',
  })
}

async function* filesOf(now: Date): AsyncGenerator<FeedFile, void, void> {
  for (const sample of samples) {
    const { id, daysAgo, summary, details, introduced, fixed, vector, bindings = [] } = sample
    const at = new Date(now.getTime() - daysAgo * dayMs).toISOString()
    const advisory = {
      ...{ schema_version: '1.7.4', id, modified: at, published: at, summary, details },
      severity: [{ type: 'CVSS_V3', score: vector }],
      affected: [
        {
          package: { ecosystem: 'opam', name: sample.package },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced }, ...(fixed === null ? [] : [{ fixed }])] }],
          ecosystem_specific: { affected_bindings: bindings },
        },
      ],
    }
    yield { name: `${id}.json`, bytes: Buffer.from(JSON.stringify(advisory)) }
  }
}
