import { artifactPath } from '../paths.ts'
import { defaultRebuildTemplate } from './default-rebuild-template.ts'
import type { RunDefinition } from './definition.ts'
import { findTemplate, renderTemplate } from './templates.ts'

/** What the runs of a platform are made of. `siteUrl`: where workers reach the hub, without a slash at the end. */
export type PlatformTemplates = { build: string | null; rebuild: string; siteUrl: string }

/** Reads the templates of a platform. Without one for rebuilds it is the hub's own. */
export async function readTemplates(
  deps: Parameters<typeof findTemplate>[0],
  platform: string,
  siteUrl: string,
): Promise<PlatformTemplates> {
  const [build, rebuild] = await Promise.all([
    findTemplate(deps, 'BUILD', platform),
    findTemplate(deps, 'REBUILD', platform),
  ])
  return { build: build?.content ?? null, rebuild: rebuild?.content ?? defaultRebuildTemplate, siteUrl }
}

/** The script of a run that is made of a template. Throws if the platform has none. */
export function scriptOf(
  work: Exclude<RunDefinition['work'], { kind: 'SCRIPT' }>,
  { job, platform }: { job: string; platform: string },
  { build, rebuild, siteUrl }: PlatformTemplates,
): Uint8Array {
  if (work.kind === 'REBUILD') {
    const inputs = work.inputs.map(
      ({ path, sha256 }) => `${sha256} ${path} ${siteUrl}${artifactPath(job, work.build, path)}`,
    )
    return renderTemplate(rebuild, {
      ...{ BUILD_UUID: work.build, PLATFORM: platform, SITE: siteUrl, INPUTS: inputs.join('\n') },
    })
  }
  if (build === null) throw new Error(`there is no template for ${platform}`)
  return renderTemplate(build, { OPAM_PACKAGE: work.opamPackage, PLATFORM: platform })
}
