import { timesOfRecord } from '../builds/record-times.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import type { BuildDiff } from '../diffs/diff-builds.ts'
import { unifiedDiff } from '../diffs/text-diff.ts'
import type { ChangedValue, NamedValue, NamedValuesDiff } from '../formats/named-values.ts'

/**
 * A comparison in builder-web's JSON. If a part could not be compared, its lists are empty, and `missing`, which
 * builder-web does not have, contains the reason. Source: docs/spec/drop-in.md, "URLs";
 * builder-web, Builder_web.compare_builds and its JSON.
 */
export function compareJson({ left, right, inputs }: BuildDiff) {
  const { environment, systemPackages, missing } = inputs
  return {
    left: buildJson(left),
    right: buildJson(right),
    env_diff: valuesJson(environment),
    package_diff: valuesJson(systemPackages),
    opam_diff: opamJson(inputs),
    ...(missing.length > 0
      ? { missing: missing.map(({ input, side, reason }) => ({ input: input.toLowerCase(), side, reason })) }
      : {}),
  }
}

function buildJson(build: ComparedBuild) {
  const { job, uuid, platform, mainBinary } = build
  const { startedAt, finishedAt } = timesOfRecord(build)
  return {
    job,
    uuid,
    platform,
    start_time: startedAt.toISOString(),
    finish_time: finishedAt.toISOString(),
    main_binary: mainBinary !== null,
    main_binary_size: mainBinary?.sizeBytes ?? null,
  }
}

/** builder-web calls packages that are only on the right "left", and vice versa. Its clients rely on it. */
function valuesJson(diff: NamedValuesDiff | null) {
  return {
    left_packages: (diff?.onlyRight ?? []).map(toVersion),
    right_packages: (diff?.onlyLeft ?? []).map(toVersion),
    different_versions: (diff?.changed ?? []).map(toVersions),
  }
}

const toVersion = ({ name, value }: NamedValue) => ({ name, version: value })

const toVersions = ({ name, left, right }: Pick<ChangedValue, 'name' | 'left' | 'right'>) => ({
  name,
  version_left: left,
  version_right: right,
})

function opamJson({ opam, missing }: BuildDiff['inputs']) {
  const changed = opam?.fileChanged.filter(({ isEffective }) => isEffective) ?? []
  return {
    opam_diff: changed.map(({ name, version, diff }) => ({
      package_version: `${name}.${version}`,
      effectively_equal: false,
      diff: unifiedDiff(diff, `left/${name}/opam`, `right/${name}/opam`).replace(/\n$/, ''),
    })),
    version_diff: (opam?.versionChanged ?? []).map(toVersions),
    only_in_left: opam?.onlyLeft ?? [],
    only_in_right: opam?.onlyRight ?? [],
    duniverse_diff: duniverseJson(opam?.duniverse ?? null, missing),
  }
}

/** The duniverse part, or a string with the reason why it is missing. */
function duniverseJson(
  duniverse: NonNullable<BuildDiff['inputs']['opam']>['duniverse'],
  missing: BuildDiff['inputs']['missing'],
) {
  if (!duniverse) {
    const reason = missing.find(({ input }) => input === 'DUNIVERSE' || input === 'OPAM_SWITCH')
    return reason?.reason ?? 'not compared'
  }
  const toValue = ({ dir, url }: { dir: string; url: string }) => ({ name: dir, value: url })
  return {
    left: duniverse.onlyLeft.map(toValue),
    right: duniverse.onlyRight.map(toValue),
    detailed_diff: duniverse.changed.map(({ dir }) => ({ name: dir })),
  }
}
