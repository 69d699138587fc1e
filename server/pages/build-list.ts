import type { Element } from 'hast'
import { describeBuild, type DescribedBuild } from '../builds/describe-build.ts'
import { formatByteSize } from '../byte-size.ts'
import { artifactPath, buildPath } from '../paths.ts'
import { element, nameElement } from './html.ts'

/** `2026-11-24 12:00:00 UTC` */
export function timeOf(at: Date): Element {
  const iso = at.toISOString()
  return element('time', { dateTime: iso }, `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`)
}

/** A link to a file, with its size and checksum. */
export function fileOf(
  job: string,
  uuid: string,
  { path, sizeBytes, sha256 }: { path: string; sizeBytes: bigint; sha256: string },
): (Element | string)[] {
  return [
    element('a', { href: artifactPath(job, uuid, path) }, nameElement(path)),
    ` (${formatByteSize(sizeBytes)}, sha256 `,
    element('code', {}, sha256),
    ')',
  ]
}

/** The link to the main binary; empty if there is none. */
export function mainBinaryOf({ job, uuid, ...build }: DescribedBuild): (Element | string)[] {
  const { mainBinaryPath: path, mainBinarySha256: sha256, mainBinarySizeBytes: sizeBytes } = build
  if (path === null || sha256 === null || sizeBytes === null) return []
  return fileOf(job.name, uuid, { path, sizeBytes, sha256 })
}

/** A list of builds, one per line, with links to the page and the main binary. */
export function buildList(builds: readonly DescribedBuild[], { withJob }: { withJob: boolean }): Element {
  const lines = builds.map((build) => {
    const binary = mainBinaryOf(build)
    return element(
      'li',
      {},
      element('a', { href: buildPath(build.job.name, build.uuid) }, timeOf(build.startedAt)),
      ...(withJob ? [' ', nameElement(build.job.name)] : []),
      ' on ',
      nameElement(build.platform.name),
      ': ',
      element('bdi', {}, describeBuild(build)),
      ...(binary.length > 0 ? [': ', ...binary] : []),
    )
  })
  return lines.length > 0 ? element('ul', {}, ...lines) : element('p', {}, 'No builds.')
}
