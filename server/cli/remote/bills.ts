import { text } from 'node:stream/consumers'
import { BuildNotFoundError } from '../../analyses/request-analyses.ts'
import { graphql } from '../../generated/operations/gql.ts'
import { sbomPath, type SbomFormat } from '../../sbom/sbom-formats.ts'
import type { RemoteSite } from './remote-site.ts'

const document = graphql(`
  query CommandBuildPlace($uuid: UUID!) {
    build(uuid: $uuid) {
      job {
        name
      }
    }
  }
`)

/** The bill of materials of a build, as its page has it. Throws BuildNotFoundError. */
export async function readBillAt(site: RemoteSite, uuid: string, format: SbomFormat): Promise<string> {
  const { build } = await site.ask(document, { uuid })
  if (!build) throw new BuildNotFoundError(`there is no build ${uuid}`)
  return text(site.read(sbomPath(build.job.name, uuid, format)))
}
