import type { Statement } from '../formats/signing/statement.ts'
import { predicateTypes } from '../formats/signing/statement.ts'
import { inputPaths } from '../builds/artifact-roles.ts'
import { artifactPath, buildPath, consolePath, scriptPath } from '../paths.ts'
import { printTime } from '../signing/print-time.ts'
import { subjectsOf, type StatedBuild } from './build-facts.ts'
import type { Material, Materials } from './read-materials.ts'
import { builderPath, buildTypePaths } from './stated-urls.ts'

type Descriptor = {
  name: string
  uri?: string
  digest?: Record<string, string>
  downloadLocation?: string
  annotations?: Record<string, boolean>
}

/**
 * SLSA provenance, version 1: what a build was made from, by whom, when, and what came out. `materials` is null where the inputs are missing or
 * unreadable. Equal facts give an equal statement. Source: https://slsa.dev/spec/v1.1/provenance.
 */
export function provenanceOf(
  build: StatedBuild,
  materials: Materials | null,
  { url, version }: { url: string; version: string },
): { subject: Statement['subject']; predicateType: string; predicate: object } {
  const { uuid, job, platform } = build
  const fileOf = (name: string, sha256: string, path: string): Descriptor => ({
    name,
    digest: { sha256 },
    downloadLocation: url + path,
  })
  const inputs = inputPaths.flatMap((path) => {
    const artifact = build.artifacts.find((one) => one.path === path)
    return artifact ? [fileOf(path, artifact.sha256, artifactPath(job.name, uuid, path))] : []
  })
  const isOrb = inputs.length === inputPaths.length
  return {
    subject: subjectsOf(build),
    predicateType: predicateTypes.provenance,
    predicate: {
      buildDefinition: {
        buildType: url + (isOrb ? buildTypePaths.orb : buildTypePaths.script),
        externalParameters: {
          ...{ job: job.name, platform: platform.name },
          ...(materials?.opamPackage ? { opamPackage: materials.opamPackage } : {}),
        },
        internalParameters: {
          ...(build.inputId === null ? {} : { inputId: build.inputId }),
          ...(materials ? { environment: materials.environment } : {}),
        },
        resolvedDependencies: [
          fileOf('script', build.scriptSha256, scriptPath(job.name, uuid)),
          ...inputs,
          ...(materials?.packages ?? []).map(packageOf),
          ...(materials?.duniverse ?? []).map(sourceOf),
        ],
      },
      runDetails: {
        builder: { id: url + builderPath(build.builder), version: { 'builder-hub': version } },
        metadata: {
          invocationId: `urn:uuid:${uuid}`,
          ...{ startedOn: printTime(build.startedAt), finishedOn: printTime(build.finishedAt) },
          builderHub_receivedOn: printTime(build.receivedAt),
          builderHub_page: url + buildPath(job.name, uuid),
        },
        byproducts: [
          fileOf('console', build.consoleSha256, consolePath(job.name, uuid)),
          ...(build.readmeSha256 === null
            ? []
            : [{ name: build.readmePath ?? 'README.md', digest: { sha256: build.readmeSha256 } }]),
        ],
      },
    },
  }
}

const packageOf = ({ name, version, ...source }: Material): Descriptor => ({
  name: `${name}.${version}`,
  uri: `pkg:opam/${encodeURIComponent(name)}@${encodeURIComponent(version ?? '')}`,
  ...originOf(source),
})

const sourceOf = ({ name, ...source }: Material): Descriptor => ({
  name,
  ...(source.url === null ? {} : { uri: source.url }),
  ...originOf(source),
})

function originOf({ url, digest }: Pick<Material, 'url' | 'digest'>): Partial<Descriptor> {
  const isWeak = 'md5' in digest
  return {
    ...(Object.keys(digest).length > 0 ? { digest } : {}),
    ...(url === null ? {} : { downloadLocation: url }),
    ...(isWeak ? { annotations: { weak: true } } : {}),
  }
}
