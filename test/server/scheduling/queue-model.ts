/** The queues as they should be: lists in memory, which the property test compares with the database. */
export type ModelRun = {
  job: string
  platform: string
  priority: number
  tries: number
  isScheduled: boolean
}

type ModelSchedule = { kind: 'SCRIPT'; platform: string } | { kind: 'OPAM_PACKAGE' }

const requested = -1_000
const maxTries = 3

export function queueModel() {
  const schedules = new Map<string, ModelSchedule>()
  const queues = new Map<string, ModelRun[]>()
  const dropped = new Set<string>()
  let running: ModelRun[] = []

  const isFor = (schedule: ModelSchedule, platform: string) =>
    schedule.kind === 'OPAM_PACKAGE' || schedule.platform === platform
  const jobsFor = (platform: string) =>
    [...schedules].filter(([, schedule]) => isFor(schedule, platform)).map(([job]) => job)
  /** By priority; the list has the order of equals. */
  const inOrder = (queue: readonly ModelRun[]) =>
    queue.toSorted((one, other) => one.priority - other.priority)

  function enqueue(platform: string, job: string, where: 'front' | 'end' = 'end'): void {
    const queue = queues.get(platform)
    if (!queue) return
    const index = queue.findIndex((run) => run.job === job)
    if (where === 'end') {
      if (index === -1) queue.push({ job, platform, priority: 0, tries: 0, isScheduled: true })
      return
    }
    const [known] = index === -1 ? [] : queue.splice(index, 1)
    queue.unshift({ job, platform, tries: 0, isScheduled: true, ...known, priority: requested })
  }

  function open(platform: string, isWanted: boolean): void {
    if (queues.has(platform) || dropped.has(platform)) return
    const jobs = jobsFor(platform)
    if (jobs.length === 0 && !isWanted) return
    queues.set(platform, [])
    for (const job of jobs) enqueue(platform, job)
  }

  function forget(job: string): void {
    schedules.delete(job)
    for (const [platform, queue] of queues)
      queues.set(
        platform,
        queue.filter((run) => run.job !== job),
      )
    for (const run of running) if (run.job === job) run.isScheduled = false
  }

  return {
    /** Each gives builder's words of the error, or null. */
    addScript(job: string, platform: string): string | null {
      if (schedules.has(job)) return 'job name already used'
      if (dropped.has(platform)) return "platform dropped; can't schedule jobs"
      open(platform, true)
      schedules.set(job, { kind: 'SCRIPT', platform })
      enqueue(platform, job)
      return null
    },
    addOpam(job: string): string | null {
      if (schedules.has(job)) return 'job name already used'
      schedules.set(job, { kind: 'OPAM_PACKAGE' })
      for (const platform of queues.keys()) enqueue(platform, job)
      return null
    },
    execute(job: string): string | null {
      const schedule = schedules.get(job)
      if (!schedule) return 'execute failed: job not found'
      for (const platform of queues.keys()) if (isFor(schedule, platform)) enqueue(platform, job, 'front')
      return null
    },
    remove(job: string): string | null {
      if (!schedules.has(job)) return `unknown job ${job}`
      forget(job)
      return null
    },
    drop(platform: string): string | null {
      if (!queues.has(platform)) return `unknown platform ${platform}`
      for (const job of jobsFor(platform)) if (schedules.get(job)?.kind === 'SCRIPT') forget(job)
      queues.delete(platform)
      dropped.add(platform)
      return null
    },
    undrop(platform: string): string | null {
      if (!dropped.delete(platform)) return `unknown platform ${platform}`
      return null
    },

    /** What so many workers of a platform get, one after the other. */
    claim(platform: string, count: number): string[] {
      open(platform, false)
      const given: string[] = []
      for (let n = 0; n < count; n++) {
        const ofJob = ({ job }: ModelRun) => running.filter((run) => run.job === job).length
        const isFree = ({ job }: ModelRun) =>
          !running.some((run) => run.job === job && run.platform === platform)
        const [first] = inOrder(queues.get(platform) ?? [])
          .filter(isFree)
          .sort((one, other) => one.priority - other.priority || ofJob(one) - ofJob(other))
        if (!first) break
        queues.set(
          platform,
          (queues.get(platform) ?? []).filter((run) => run !== first),
        )
        running.push({ ...first, tries: first.tries + 1 })
        given.push(first.job)
      }
      return given
    },
    finish(index: number): void {
      running = running.filter((_run, at) => at !== index)
    },
    putBack(index: number): void {
      const [run] = running.splice(index, 1)
      const queue = run && queues.get(run.platform)
      if (!queue || run.tries >= maxTries || !run.isScheduled) return
      if (!queue.some(({ job }) => job === run.job)) queue.push(run)
    },

    runningCount: () => running.length,
    running: () => running.map(({ job, platform }) => `${platform}/${job}`),
    queues: () =>
      [...queues].map(([platform, queue]) => [platform, inOrder(queue).map(({ job }) => job)] as const),
    dropped: () => [...dropped],
  }
}
