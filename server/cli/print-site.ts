import type { SettingSource } from '../config.ts'
import type { ListedMail } from '../notifications/list-mails.ts'
import { isCurrent, type PublishedKey } from '../signing/list-keys.ts'
import { visibleLine } from './visible-line.ts'

/** What commands print of a key of the site. */
export type PrintedKey = Omit<PublishedKey, 'id'>

/** A key as JSON has it. */
export function shownKey(key: PrintedKey): PrintedKey {
  const { purpose, algorithm, keyId, publicKey, activeFrom, retiredAt } = key
  const { revokedAt, revokedSince, revokedFor, introduction } = key
  return {
    ...{ purpose, algorithm, keyId, publicKey, activeFrom, retiredAt },
    ...{ revokedAt, revokedSince, revokedFor, introduction },
  }
}

export const describeKey = (key: PrintedKey): string =>
  visibleLine(`${key.keyId} ${key.purpose.toLowerCase()} ${stateOfKey(key)}`)

export function stateOfKey(key: PrintedKey): string {
  if (key.revokedAt !== null)
    return `revoked since ${(key.revokedSince ?? key.revokedAt).toISOString()}: ${key.revokedFor}`
  if (!isCurrent(key)) return `replaced ${key.retiredAt?.toISOString()}`
  return `in use since ${key.activeFrom.toISOString()}`
}

/** What commands print of a mail. */
export type PrintedMail = Omit<ListedMail, 'kind' | 'taskId'> & { taskId: number | null }

/** A mail as JSON has it. */
export function shownMail(mail: PrintedMail): PrintedMail {
  const { id, userName, recipient, subject, createdAt, sentAt, state, attempts, answer, taskId } = mail
  return { id, userName, recipient, subject, createdAt, sentAt, state, attempts, answer, taskId }
}

export function describeMail({ createdAt, state, recipient, subject, answer }: PrintedMail): string {
  const why = state === 'SENT' || answer === null ? '' : ` (${answer})`
  return visibleLine(`${createdAt.toISOString()} ${state.padEnd(7)} ${recipient}: ${subject}${why}`)
}

/** A setting as JSON has it. `setting`: its key in the configuration file. */
export type PrintedSetting = { setting: string; value: string; source: SettingSource }

/** Settings in three columns. */
export function describeSettings(shown: readonly PrintedSetting[]): string {
  const width = (of: (one: PrintedSetting) => string) => Math.max(...shown.map((one) => of(one).length))
  const [settingWidth, sourceWidth] = [width(({ setting }) => setting), width(({ source }) => source)]
  return shown
    .map(({ setting, value, source }) =>
      `${setting.padEnd(settingWidth)}  ${source.padEnd(sourceWidth)}  ${value}`.trimEnd().concat('\n'),
    )
    .join('')
}
