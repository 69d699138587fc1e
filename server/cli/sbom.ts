import { Option, type Command } from 'commander'
import { toBlobId } from '../blobs/blob-store.ts'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import { readConfig, type Config } from '../config.ts'
import type { Database } from '../database/connections.ts'
import { statedUrl } from '../attestations/stated-urls.ts'
import { BuildNotFoundError } from '../analyses/request-analyses.ts'
import { readComponents } from '../package-sets/read-components.ts'
import { findBill } from '../sbom/find-bill.ts'
import { sbomFormats, type SbomFormat } from '../sbom/sbom-formats.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { environmentOf } from './settings.ts'
import { onSite } from './remote/on-site.ts'
import { readBillAt } from './remote/bills.ts'

const maxSwitchBytes = 16 * 1024 ** 2

/** `hub sbom` */
export function addSbomCommand(hub: Command): void {
  addExamples(
    hub
      .command('sbom')
      .argument('<uuid>', 'UUID of the build')
      .description('print the bill of materials of a build: its packages with versions, licences and sources')
      .addOption(
        new Option('--format <format>', 'CycloneDX 1.6 or SPDX 2.3, as JSON')
          .choices(['cyclonedx', 'spdx'])
          .default('cyclonedx'),
      )
      .action(async (uuid: string, { format }: { format: string }, command: Command) => {
        const kind = format === 'spdx' ? 'SPDX' : 'CYCLONEDX'
        const text = await onSite(command, {
          remote: (site) => readBillAt(site, uuid, kind),
          local: (database) => printBill(readConfig(environmentOf(command)), database, uuid, kind),
        })
        ioOf(command).stdout.write(text)
      }),
    ['hub sbom 4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0 --format spdx > sbom.spdx.json'],
  )
}

/** Throws BuildNotFoundError, NoBillError. */
async function printBill(
  config: Config,
  { db }: Pick<Database, 'db'>,
  uuid: string,
  kind: SbomFormat,
): Promise<string> {
  const blobs = await siteBlobStore(config)
  const bill = await findBill({ blobs, db, site: statedUrl(config) }, uuid, async (build) => {
    const id = toBlobId(build.opamSwitchSha256)
    const bytes = await readBytes(blobs, id, maxSwitchBytes)
    if (!bytes) throw missingBlob(id)
    return readComponents(bytes)
  })
  if (!bill) throw new BuildNotFoundError(`there is no build ${uuid}`)
  return `${JSON.stringify(sbomFormats[kind].print(bill), null, 1)}\n`
}
