/** `warning`: it works, but should be looked at. */
export type Level = 'ok' | 'warning' | 'problem'

/** What a check has found, and, unless it is ok, what the operator can do. One sentence without a full stop. */
export type Finding = { level: Level; text: string }

export const ok = (text: string): Finding => ({ level: 'ok', text })
export const warning = (text: string): Finding => ({ level: 'warning', text })
export const problem = (text: string): Finding => ({ level: 'problem', text })
