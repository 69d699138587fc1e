import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** An advisory about versions of `dns` below 9.1, as a file of OSV. */
export const advisory = (id: string, more: Record<string, unknown> = {}) => ({
  schema_version: '1.7.4',
  id,
  modified: '2026-06-18T13:45:00Z',
  published: '2026-06-18T13:45:00Z',
  aliases: ['CVE-2026-1'],
  summary: 'Names are too long.',
  details: 'A **long** name <script>alert(1)</script> breaks it.',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
  affected: [affected('dns', [{ introduced: '0' }, { fixed: '9.1.0' }])],
  references: [{ type: 'FIX', url: 'https://example.org/fix' }],
  credits: [{ name: 'Carol' }],
  ...more,
})

export const affected = (name: string, events: object[], bindings: string[] = []) => ({
  package: { ecosystem: 'opam', name, purl: `pkg:opam/${name}` },
  ranges: [{ type: 'ECOSYSTEM', events }],
  versions: [],
  ecosystem_specific: { affected_bindings: bindings },
})

/** Writes a feed into a folder of its own below `dir`. */
export function writeFeed(dir: string, advisories: readonly { id: string }[]): string {
  const folder = join(dir, 'feed')
  mkdirSync(folder, { recursive: true })
  for (const one of advisories) writeFileSync(join(folder, `${one.id}.json`), JSON.stringify(one))
  return folder
}
