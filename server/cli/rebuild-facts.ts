import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Database } from '../database/connections.ts'
import { checkFacts, checkJob } from '../facts/check-facts.ts'
import { describeDifference } from '../facts/describe-difference.ts'
import { markForRebuild, rebuildJob, rebuildNext } from '../facts/rebuild-facts.ts'
import { ruleNames } from '../facts/rules.ts'
import type { JobId } from '../ids.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { findJob } from './find-job.ts'
import { progressOf } from './progress.ts'
import { withDatabase } from './with-database.ts'

/** A server that waits for the lock of SQLite looks for it at least this often: it has its turn after each step. */
const restMs = 150

/** `hub rebuild-facts` */
export function addRebuildFactsCommand(hub: Command): void {
  const rebuildFacts = hub
    .command('rebuild-facts')
    .description(
      'compute anew what the database derives from builds (verdicts, counters, newest builds, outputs, history), and ' +
        'correct what is wrong. Uploads go on meanwhile. Without --job, the server goes on at its next start with what ' +
        'an interrupted command has left',
    )
    .option('--job <name>', 'only the facts of one job')
    .option('--check', 'change nothing: print what is wrong, and exit with 3 if anything is', false)
    .action(async (options: { job?: string; check: boolean }, command: Command) => {
      const io = ioOf(command)
      await withDatabase(command, async (database) => {
        const job = options.job === undefined ? null : await findJob(database, options.job)
        await (options.check ? check(database, job, io) : rebuild(database, job, io))
      })
    })
  addExamples(rebuildFacts, ['hub rebuild-facts --check', 'hub rebuild-facts --job dns-primary'])
}

async function check({ db }: Database, job: JobId | null, io: CommandIo): Promise<void> {
  const progress = progressOf(io)
  const ofJobs = await db.job.count()
  const found =
    job === null ? checkFacts(db, (done) => progress.show(`${done} of ${ofJobs} jobs`)) : checkJob(db, job)
  let count = 0
  for await (const difference of found) {
    count++
    progress.clear()
    io.stdout.write(`${describeDifference(difference)}\n`)
  }
  progress.clear()
  if (count > 0)
    throw new FoundProblemsError(
      `${count} ${count === 1 ? 'row differs' : 'rows differ'} from what the builds say: ` +
        'run "hub rebuild-facts" without --check to correct that',
    )
  io.stdout.write('all facts are as the builds say\n')
}

async function rebuild(database: Database, job: JobId | null, io: CommandIo): Promise<void> {
  const { db, writer } = database
  let corrected = 0
  if (job === null) {
    const progress = progressOf(io)
    const ofJobs = await db.job.count()
    await writer.transact([], (tx) => markForRebuild(tx, ruleNames))
    let jobs = 0
    for (;;) {
      const startedAt = performance.now()
      const step = await rebuildNext(database)
      if (!step) break
      corrected += step.changedCount
      jobs = step.lastJob === null ? 0 : jobs + step.jobCount
      progress.show(`${step.rule}: ${jobs} of ${ofJobs} jobs`)
      await sleep(Math.max(restMs, performance.now() - startedAt))
    }
    progress.clear()
  } else corrected = await rebuildJob(writer, job)
  io.stdout.write(`${corrected} ${corrected === 1 ? 'row' : 'rows'} corrected\n`)
}
