// A collector without the grace of a day deletes what no build refers to, again and again, while builds of the same few contents are
// stored by all servers and removed at once.
//
// Oracle: content of a stored build is there, at each server, whatever was collected before and meanwhile. So it is for the builds of the
// other clients, whose content the collector sees before their rows.
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { siteBlobStore } from '../../server/blobs/site-blob-store.ts'
import { readConfig } from '../../server/config.ts'
import { siteDatabaseOf } from '../../server/database/site-database.ts'
import { removeBuild } from '../../server/facts/remove-build.ts'
import { collectBlobs } from '../../server/storage/collect-blobs.ts'
import type { FailureTest } from './failure-test.ts'
import { bodyOf, buildPath, get, send } from './uploads.ts'

const contentCount = 2

export const collectorRace: FailureTest = {
  name: 'collector-race',
  summary: 'content is collected while it is stored again',
  rounds: 100,
  async run({ site, load, random, rounds, expect, fault }) {
    const config = readConfig(site.settingsOf(0))
    const database = await (await siteDatabaseOf(config)).open()
    const blobs = await siteBlobStore(config)
    let isOver = false
    let deletedCount = 0
    const collecting = (async () => {
      while (!isOver) {
        for await (const { deleted } of collectBlobs({ ...database, blobs }, { graceMs: 0 })) {
          deletedCount += deleted.length
          for (const _ of deleted) fault()
        }
        await setImmediate()
      }
    })()
    try {
      for (let round = 0; round < rounds; round++) {
        const content = createHash('sha512')
          .update(`content ${random.integer(1, contentCount)}`)
          .digest()
        const build = { uuid: (await load.next()).uuid, job: 'collected', content }
        const body = await bodyOf(build, null)
        const at = random.integer(0, site.servers.length - 1)
        let answer = await send(site.servers[at]?.url ?? '', body)
        while (answer.status !== 201 && answer.status !== 409)
          answer = await send(site.servers[at]?.url ?? '', body)
        for (const server of site.servers) {
          const file = await get(`${server.url}${buildPath(build)}/f/bin/hello`)
          expect(
            file?.status === 200 && file.body.equals(content),
            `content of a build is collected: ${file?.status ?? 'no answer'}`,
          )
        }
        const row = await database.db.build.findUnique({
          where: { uuid: build.uuid },
          select: { id: true },
        })
        expect(row !== null, `${build.uuid} was acknowledged and has no row`)
        if (row)
          await database.writer.transact(['builds'], (tx) =>
            removeBuild(tx, row.id, { reason: 'torture', removedAt: new Date() }),
          )
      }
      // What was removed last is collected, too.
      const until = deletedCount + 1
      while (deletedCount < until) await setImmediate()
    } finally {
      isOver = true
      await collecting
      await database.closeDatabase()
    }
  },
}
