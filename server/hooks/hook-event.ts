/** For what hooks run: a build with a main binary was stored, a failed build was stored, or a verdict changed. */
export const hookEvents = ['UPLOAD', 'FAILURE', 'VERDICT'] as const
export type HookEvent = (typeof hookEvents)[number]

/** The folders of their files, below the configuration directory. Source: docs/spec/drop-in.md, "Upload hooks". */
export const hookFolders: Record<HookEvent, string> = {
  UPLOAD: 'upload-hooks',
  FAILURE: 'failure-hooks',
  VERDICT: 'verdict-hooks',
}

/** Checks the value of a column. Throws if it is no event. */
export function toHookEvent(text: string): HookEvent {
  const event = hookEvents.find((one) => one === text)
  if (event === undefined) throw new Error(`no event of hooks: ${text}`)
  return event
}
