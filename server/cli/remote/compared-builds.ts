import type { BlobStore } from '../../blobs/blob-store.ts'
import type { ComparedBuild } from '../../diffs/compared-build.ts'
import { readRecord } from '../../diffs/record-file.ts'
import { graphql } from '../../generated/operations/gql.ts'
import { recordPath } from '../../paths.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

const document = graphql(`
  query CommandComparedBuild($uuid: UUID!) {
    build(uuid: $uuid) {
      job {
        name
      }
      startedAt
      finishedAt
      clockAheadMs
    }
  }
`)

/** A build of a site, as comparisons need it: its record is downloaded, and its content put into `blobs`. Null: there is none. */
export async function readBuildAt(
  site: RemoteSite,
  uuid: string,
  blobs: BlobStore,
): Promise<ComparedBuild | null> {
  const { build } = await site.ask(document, { uuid })
  if (!build) return null
  const path = recordPath(build.job.name, uuid)
  const record = await readRecord(blobs, site.download(path), site.url + path)
  // The record has the times by the clock of the builder, also where that was ahead.
  const isAhead = build.clockAheadMs !== null
  return {
    ...record,
    ...{ startedAt: toDate(build.startedAt), finishedAt: toDate(build.finishedAt) },
    recordStartedAt: isAhead ? record.startedAt : null,
    recordFinishedAt: isAhead ? record.finishedAt : null,
  }
}
