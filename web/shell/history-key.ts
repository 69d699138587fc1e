/**
 * Gives the entry of the window's history that a full load is at a key of its own, before the router reads it.
 * Without one all full loads of a tab share the key `default`, and under it one position: a typed address
 * would open where the page before it was left. A reload, and the way back, find the key that is there.
 */
export function giveEntryKey({ history }: Pick<Window, 'history'>): void {
  const state: unknown = history.state
  const known = typeof state === 'object' && state !== null ? state : {}
  if ('key' in known) return
  history.replaceState({ ...known, key: crypto.randomUUID?.() ?? String(Math.random()) }, '')
}
