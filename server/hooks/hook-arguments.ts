import type { HookEvent } from './hook-event.ts'

/** What a hook is told of a build. */
export type HookedBuild = {
  uuid: string
  startedAt: Date
  job: string
  platform: string
  mainBinarySha256: string | null
  mainBinaryPath: string | null
  resultKind: string
  resultCode: bigint | null
}

/** `file`: the stored main binary; null: there is none. */
export type HookPaths = { dataDir: string; cacheDir: string; file: string | null }

/** `trust`: what the policy says of the main binary; absent: the site has no policy. */
export type HookCause = {
  event: HookEvent
  verdict: string | null
  previousVerdict: string | null
  trust?: string | null
}

/**
 * The command line of a hook, as builder-web has it: the flags in its order, the file last. What builder-web does not know comes
 * behind its flags. Source: docs/spec/drop-in.md, "Upload hooks".
 */
export function hookArguments(cause: HookCause, build: HookedBuild, paths: HookPaths): string[] {
  const { mainBinaryPath, mainBinarySha256 } = build
  const { file } = paths
  return [
    `--build-time=${buildTime(build.startedAt)}`,
    ...(mainBinarySha256 === null ? [] : [`--sha256=${mainBinarySha256}`]),
    `--job=${build.job}`,
    `--uuid=${build.uuid}`,
    `--platform=${build.platform}`,
    `--cache-dir=${paths.cacheDir}`,
    `--data-dir=${paths.dataDir}`,
    ...(mainBinaryPath === null ? [] : [`--main-binary-filepath=${mainBinaryPath}`]),
    ...ownFlags(cause, build),
    ...(cause.trust == null ? [] : [`--trust=${verdictText(cause.trust)}`]),
    ...(file === null || cause.event === 'FAILURE' ? [] : [file]),
  ]
}

function ownFlags({ event, verdict, previousVerdict }: HookCause, build: HookedBuild): string[] {
  switch (event) {
    case 'UPLOAD':
      return []
    case 'FAILURE':
      return [`--result=${resultText(build)}`]
    case 'VERDICT':
      return [`--verdict=${verdictText(verdict)}`, `--previous-verdict=${verdictText(previousVerdict)}`]
  }
}

/** `20261101100000`, in UTC. */
const buildTime = (at: Date) => at.toISOString().slice(0, 19).replace(/\D/g, '')

const verdictText = (verdict: string | null) => verdict?.toLowerCase().replaceAll('_', '-') ?? 'none'

/** `exited:1`, `signalled:11`, `stopped:19` or `aborted`. */
function resultText(build: HookedBuild): string {
  const kind = build.resultKind.toLowerCase()
  return build.resultCode === null ? kind : `${kind}:${build.resultCode}`
}
