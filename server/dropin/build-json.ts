import type { Deps } from '../deps.ts'

/**
 * A build; null when the job has no such build. Source: spec/drop-in.md, "URLs"; builder-web,
 * Builder_web.job_build and its JSON.
 */
export async function buildJson({ db }: Pick<Deps, 'db'>, job: string, uuid: string) {
  const build = await db.build.findFirst({
    where: { uuid: uuid.toLowerCase(), job: { name: job } },
    select: {
      uuid: true,
      startedAt: true,
      finishedAt: true,
      mainBinarySha256: true,
      platform: { select: { name: true } },
    },
  })
  if (!build) return null
  return {
    job,
    uuid: build.uuid,
    platform: build.platform.name,
    start_time: build.startedAt.toISOString(),
    finish_time: build.finishedAt.toISOString(),
    main_binary: build.mainBinarySha256 !== null,
  }
}
