import type { Reader } from '../database/reader.ts'
import { runPath, schedulePath } from '../paths.ts'
import { describePeriod, describePlatforms } from '../scheduling/describe-definition.ts'
import { readDefinition } from '../scheduling/definition.ts'
import type { PageFinder } from './find-page.ts'
import { element, nameElement } from './html.ts'

/** Entries of a list: the pages themselves have all of them. */
const most = 100

/** What is built and when. It changes any moment, so that none of these pages is kept. */
export const findSchedulePage: PageFinder = async ({ db }) => {
  const schedules = await db.schedule.findMany({ orderBy: { job: 'asc' }, take: most })
  const lines = schedules.map(({ definition, job }) =>
    element(
      'li',
      {},
      element('a', { href: schedulePath(job) }, nameElement(job)),
      `: ${wordsOf(definition)}`,
    ),
  )
  return {
    title: 'Schedule',
    description: 'What is built here, and when.',
    path: '/schedule',
    isPartial: true,
    content: [lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'Nothing is scheduled.')],
  }
}

export const findScheduleOfJobPage: PageFinder = async ({ db }, { job = '' }) => {
  const schedule = await db.schedule.findUnique({ where: { job } })
  const isKnown =
    schedule !== null ||
    (await db.scheduleVersion.findFirst({ where: { job }, select: { id: true } })) !== null ||
    (await db.run.findFirst({ where: { job }, select: { id: true } })) !== null
  if (!isKnown) return null
  const words = schedule ? wordsOf(schedule.definition) : 'not scheduled any more'
  return {
    title: `Schedule of ${job}`,
    description: `${job}: ${words}.`,
    path: schedulePath(job),
    isUnlisted: true,
    isPartial: true,
    content: [element('p', {}, words), element('h2', {}, 'Runs'), ...(await findRuns(db, { job }))],
  }
}

export const findRunsPage: PageFinder = async ({ db }) => ({
  title: 'Runs',
  description: 'What was, is and will be built.',
  path: '/runs',
  isUnlisted: true,
  isPartial: true,
  content: await findRuns(db, {}),
})

export const findWorkersPage: PageFinder = async ({ db }) => {
  const workers = await db.buildWorker.findMany({
    where: { disconnectedAt: null },
    orderBy: { name: 'asc' },
    take: most,
  })
  const lines = workers.map(({ name, platform }) =>
    element('li', {}, nameElement(name), ' builds on ', nameElement(platform)),
  )
  return {
    title: 'Workers',
    description: 'The programs that build here.',
    path: '/workers',
    isUnlisted: true,
    isPartial: true,
    content: [lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'No worker is connected.')],
  }
}

export const findTemplatePage: PageFinder = async (_deps, { kind = '', platform = '' }) =>
  kind === 'build' || kind === 'rebuild'
    ? {
        title: `Template of ${platform}`,
        description: 'A script by which packages are built.',
        path: `/template/${kind}/${encodeURIComponent(platform)}`,
        isUnlisted: true,
        isPartial: true,
        content: [element('p', {}, 'Templates are shown with JavaScript, to who may schedule.')],
      }
    : null

function wordsOf(json: string): string {
  const definition = readDefinition(json)
  return `${describePeriod(definition)}, on ${describePlatforms(definition)}`
}

async function findRuns(db: Reader, where: { job?: string }) {
  const runs = await db.run.findMany({ where, orderBy: { id: 'desc' }, take: most })
  if (runs.length === 0) return [element('p', {}, 'There was no run.')]
  const lines = runs.map(({ job, platform, state, uuid }) =>
    element(
      'li',
      {},
      element('a', { href: runPath(uuid) }, nameElement(job), ' on ', nameElement(platform)),
      `: ${state.toLowerCase()}`,
    ),
  )
  return [element('ul', {}, ...lines)]
}
