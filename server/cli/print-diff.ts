import type { BinarySizeDiff } from '../analyses/binary-size/diff-binary-sizes.ts'
import type { NamedValuesDiff } from '../formats/named-values.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import type { BuildDiff } from '../diffs/diff-builds.ts'
import type { OpamDiff } from '../diffs/diff-inputs.ts'
import { inputWords, summarize } from '../diffs/summarize.ts'
import { showControls } from '../diffs/show-controls.ts'
import { unifiedDiff, type TextDiff } from '../diffs/text-diff.ts'

/**
 * A comparison as text for a terminal, part by part; parts without a change are left out.
 * `firstDifferingOffset` is that of the main binaries, and `sizes` what in them grew and shrank.
 */
export function printDiff(
  diff: BuildDiff,
  firstDifferingOffset: number | null,
  sizes: BinarySizeDiff | null,
): string {
  const { left, right, inputs, files } = diff
  const { opam, environment, systemPackages, script, unlisted, missing } = inputs
  const parts: [title: string, lines: string[]][] = [
    ['Main binary', mainBinaryLines(diff, firstDifferingOffset)],
    ['Binary size', sizes ? sizeLines(sizes) : []],
    ['Platform', left.platform === right.platform ? [] : [`${left.platform} → ${right.platform}`]],
    ['Opam packages', opam ? packageLines(opam) : []],
    ['Opam files at the same version', opam ? opamFileLines(opam) : []],
    ['Duniverse', duniverseLines(opam)],
    ['Build environment', environment ? valueLines(environment, '=') : []],
    ['System packages', systemPackages ? valueLines(systemPackages, ' ') : []],
    ['Build script', script ? textLines(script, 'script') : []],
    ['Artifacts', fileLines(files)],
    ['Differs in bytes', unlisted.map(({ input, words }) => `the ${inputWords[input]} ${words}`)],
    ['Not compared', missing.map(({ side, reason }) => `${side}: ${reason}`)],
  ]
  const shown = parts.filter(([, lines]) => lines.length > 0)
  return showControls(
    [
      `left   ${describe(left)}`,
      `right  ${describe(right)}`,
      '',
      summarize(diff).text,
      ...shown.flatMap(([title, lines]) => ['', title, ...lines.map((line) => `  ${line}`)]),
      '',
    ].join('\n'),
  )
}

function describe({ job, platform, startedAt, finishedAt, uuid }: ComparedBuild): string {
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1000
  return `${job} on ${platform}, started ${startedAt.toISOString()}, took ${seconds} s, ${uuid}`
}

function mainBinaryLines({ left, right }: BuildDiff, firstDifferingOffset: number | null): string[] {
  const [one, other] = [left.mainBinary, right.mainBinary]
  if (!one || !other || one.sha256 === other.sha256) {
    return [one ?? other].flatMap((file) => (file ? [`sha256 ${file.sha256}, ${file.sizeBytes} bytes`] : []))
  }
  return [
    `sha256 ${one.sha256} → ${other.sha256}`,
    `size ${one.sizeBytes} → ${other.sizeBytes} (${signed(other.sizeBytes - one.sizeBytes)} bytes)`,
    ...(firstDifferingOffset === null
      ? []
      : [`first difference at byte ${firstDifferingOffset} (0x${firstDifferingOffset.toString(16)})`]),
  ]
}

/** Packages that a terminal shows; the API has all of them. */
const maxSizes = 10

function sizeLines({ summary, packages }: BinarySizeDiff): string[] {
  const more = packages.length - maxSizes
  return [
    summary,
    ...packages
      .slice(0, maxSizes)
      .map(
        ({ name, leftBytes, rightBytes }) =>
          `${name} ${leftBytes} → ${rightBytes} (${signed(rightBytes - leftBytes)} bytes)`,
      ),
    ...(more > 0 ? [`… and ${more} more packages`] : []),
  ]
}

function packageLines({ versionChanged, onlyLeft, onlyRight, fileUnknown }: OpamDiff): string[] {
  return [
    ...versionChanged.map(({ name, left, right, direction }) => {
      const remark = direction === 'upgrade' ? '' : ` (${direction})`
      return `${name} ${left} → ${right}${remark}`
    }),
    ...onlyRight.map(({ name, version }) => `+ ${name} ${version}`),
    ...onlyLeft.map(({ name, version }) => `- ${name} ${version}`),
    ...fileUnknown.map(
      ({ name, version, side }) => `? ${name} ${version}: the ${side} export lacks its opam file`,
    ),
  ]
}

function opamFileLines({ fileChanged }: OpamDiff): string[] {
  return fileChanged.flatMap(({ name, version, isEffective, diff }) => [
    `${name}.${version}${isEffective ? '' : ' (descriptive fields only)'}`,
    ...(isEffective ? textLines(diff, `${name}/opam`) : []),
  ])
}

function duniverseLines(opam: OpamDiff | null): string[] {
  const { onlyLeft, onlyRight, changed } = opam?.duniverse ?? { onlyLeft: [], onlyRight: [], changed: [] }
  return [
    ...changed.map(({ dir, left, right, isSameContent }) => {
      const remark = isSameContent ? ' (other hashes of the same content)' : ''
      return left.url === right.url
        ? `${dir} ${left.url}${remark}`
        : `${dir} ${left.url} → ${right.url}${remark}`
    }),
    ...onlyRight.map(({ dir, url }) => `+ ${dir} ${url}`),
    ...onlyLeft.map(({ dir, url }) => `- ${dir} ${url}`),
  ]
}

function valueLines({ changed, onlyLeft, onlyRight }: NamedValuesDiff, separator: string): string[] {
  return [
    ...changed.map(({ name, left, right }) => `${name}${separator}${left} → ${right}`),
    ...onlyRight.map(({ name, value }) => `+ ${name}${separator}${value}`),
    ...onlyLeft.map(({ name, value }) => `- ${name}${separator}${value}`),
  ]
}

function textLines(diff: TextDiff, name: string): string[] {
  const lines = unifiedDiff(diff, `left/${name}`, `right/${name}`).replace(/\n$/, '').split('\n')
  return [
    ...(diff.lineEnds === null ? [] : [`The lines differ only in how they end: ${diff.lineEnds}`]),
    ...(diff.hunks.length > 0 ? lines : []),
    ...(diff.isCut ? ['… there is more'] : []),
  ]
}

function fileLines({ onlyLeft, onlyRight, changed }: BuildDiff['files']): string[] {
  return [
    ...changed.map(({ path, left, right }) => `${path} (${signed(right.sizeBytes - left.sizeBytes)} bytes)`),
    ...onlyRight.map(({ path, sizeBytes }) => `+ ${path} (${sizeBytes} bytes)`),
    ...onlyLeft.map(({ path, sizeBytes }) => `- ${path} (${sizeBytes} bytes)`),
  ]
}

function signed(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference)}`
}
