import { statfs } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { Deps } from '../deps.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { checkInTime, readinessChecks } from './readiness.ts'

type Sources = Pick<Deps, 'clock' | 'config' | 'db' | 'drain' | 'log' | 'storedBlobs'>

/** As in https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check: `warn` is healthy, with concerns. */
type Status = 'pass' | 'warn' | 'fail'

/** `observed` is in the unit that the name of the check says. */
type Check = { status: Status; output?: string; observed?: number }

/** With less room than this part of the disk, the operator should act. */
const lowRoom = 0.05
/** A task that could have run for so long means that the server does not keep up, or that its runner hangs. */
const lateTaskMs = 15 * 60_000

/**
 * `GET /health/live`: 200 while the process answers; it reads nothing. `GET /health/ready`: 200 while requests are served
 * and uploads can be stored, otherwise 503, with the checks as JSON. Little room and late tasks are warnings.
 */
export function healthRoutes(sources: Sources): HttpRoute[] {
  const methods = ['GET', 'HEAD']
  return [
    {
      ...{ methods, path: '/health/live', needs: 'none' as const },
      handle: ({ response }) => sendText(response, 200, 'live', { 'Cache-Control': 'no-store' }),
    },
    {
      ...{ methods, path: '/health/ready', needs: 'none' as const },
      async handle({ response }) {
        const checks = await runChecks(sources)
        const statuses = Object.values(checks).map(({ status }) => status)
        const status = statuses.includes('fail') ? 'fail' : statuses.includes('warn') ? 'warn' : 'pass'
        sendHealth(response, status, checks)
      },
    },
  ]
}

type NamedCheck = { name: string; problem: string; check: () => Promise<Check> }

const pass: Check = { status: 'pass' }

/** All at once: none waits for one that hangs. */
async function runChecks(sources: Sources): Promise<Record<string, Check>> {
  const checks: NamedCheck[] = [
    ...readinessChecks(sources).map(({ check, ...named }) => ({
      ...named,
      check: () => check().then(() => pass),
    })),
    {
      name: 'oldestTaskAgeSeconds',
      problem: 'the queue of tasks cannot be read',
      check: () => checkTasks(sources),
    },
    {
      name: 'storageFreeBytes',
      problem: 'the disk of the data directory does not answer',
      check: () => checkRoom(sources),
    },
  ]
  const results = checks.map(async ({ name, problem, check }): Promise<[string, Check]> => {
    try {
      return [name, await checkInTime(check)]
    } catch (error) {
      sources.log.error({ err: error }, problem)
      return [name, { status: 'fail', output: problem }]
    }
  })
  return Object.fromEntries(await Promise.all(results))
}

async function checkTasks({ clock, db }: Sources): Promise<Check> {
  const now = clock.now()
  const oldest = await db.queuedTask.findFirst({
    where: { state: 'PENDING', dueAt: { lte: now } },
    orderBy: { dueAt: 'asc' },
    select: { dueAt: true },
  })
  const ageMs = oldest ? now.getTime() - oldest.dueAt.getTime() : 0
  const observed = Math.round(ageMs / 1_000)
  return ageMs <= lateTaskMs
    ? { status: 'pass', observed }
    : { status: 'warn', observed, output: 'tasks wait for long: "hub tasks status" shows which' }
}

async function checkRoom({ config }: Sources): Promise<Check> {
  const { bavail, bsize, blocks } = await statfs(config.dataDir)
  const observed = bavail * bsize
  return bavail >= blocks * lowRoom
    ? { status: 'pass', observed }
    : {
        status: 'warn',
        observed,
        output: 'little room is left on the disk: free some, or uploads will be refused',
      }
}

function sendHealth(response: ServerResponse, status: Status, checks: Record<string, Check>): void {
  const body = Buffer.from(`${JSON.stringify({ status, checks })}\n`)
  response.writeHead(status === 'fail' ? 503 : 200, {
    'Content-Type': 'application/health+json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...(status === 'fail' ? { 'Retry-After': '10' } : {}),
  })
  response.end(body)
}
