import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Deps } from '../deps.ts'
import { sendText, type HttpRoute } from '../http.ts'

/** `GET /ready`: 200 once requests are served, the database answers and uploads can be written; else 503. */
export function readyRoute({ config, db, log }: Pick<Deps, 'config' | 'db' | 'log'>): HttpRoute {
  return {
    methods: ['GET', 'HEAD'],
    path: '/ready',
    async handle({ response }) {
      const checks = [
        {
          what: 'the database does not answer',
          check: () => db.platform.findFirst({ select: { id: true } }),
        },
        { what: 'the staging folder cannot be written', check: () => writeProbe(config.stagingDir) },
      ]
      for (const { what, check } of checks) {
        try {
          await check()
        } catch (error) {
          log.error({ err: error }, what)
          sendText(response, 503, `not ready: ${what}`, { 'Cache-Control': 'no-store', 'Retry-After': '10' })
          return
        }
      }
      sendText(response, 200, 'ready', { 'Cache-Control': 'no-store' })
    },
  }
}

/** A byte reaches the disk, so that a full one is noticed. */
async function writeProbe(dir: string): Promise<void> {
  const path = join(dir, `ready-${randomUUID()}`)
  const file = await open(path, 'wx')
  try {
    await file.write('x')
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}
