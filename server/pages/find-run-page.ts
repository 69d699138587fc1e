import { buildPath, jobPath, runPath } from '../paths.ts'
import { findRunId } from '../scheduling/find-run.ts'
import type { PageFinder } from './find-page.ts'
import { element, nameElement } from './html.ts'

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A run changes any moment: its page is never kept. */
export const findRunPage: PageFinder = async ({ db }, { uuid: asked = '' }) => {
  const uuid = asked.toLowerCase()
  const id = uuidPattern.test(uuid) ? await findRunId(db, uuid) : null
  const run =
    id !== null &&
    (await db.run.findUnique({
      where: { id },
      select: {
        ...{ uuid: true, job: true, platform: true, state: true },
        tries: { where: { ending: { in: ['STORED', 'TIMED_OUT'] } }, orderBy: { number: 'desc' }, take: 1 },
      },
    }))
  if (!run) return null
  const { job, platform, state, tries } = run
  const stored = tries[0]?.uuid
  return {
    title: `Run of ${job} on ${platform}`,
    description: `A run of ${job} on ${platform}: ${stateWords[state] ?? state}.`,
    path: runPath(run.uuid),
    isUnlisted: true,
    isPartial: true,
    content: [
      element(
        'p',
        {},
        element('a', { href: jobPath(job) }, nameElement(job)),
        ' on ',
        nameElement(platform),
        `: ${stateWords[state] ?? state}. What it prints is shown with JavaScript, and by hub run observe.`,
      ),
      ...(stored === undefined
        ? []
        : [element('p', {}, element('a', { href: buildPath(job, stored) }, 'Its build'))]),
    ],
  }
}

const stateWords: Record<string, string> = {
  QUEUED: 'waits for a worker',
  ASSIGNED: 'given to a worker',
  RUNNING: 'runs',
  UPLOADED: 'finished, its build is being stored',
  DONE: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  LOST: 'lost',
}
