import type { Config } from '../config.ts'

export type MailSettings = {
  /** With a password, perhaps. */
  smtpUrl: string
  /** An address, or `Name <address>`. */
  from: string
  /** Where links in mails lead, without a slash at the end. */
  siteUrl: string
}

type Given = Pick<Config, 'smtpUrl' | 'mailFrom' | 'publicUrl'>

/** How mails are sent; null: none are, because a setting is missing. */
export function mailSettingsOf({ smtpUrl, mailFrom, publicUrl }: Given): MailSettings | null {
  if (smtpUrl === '' || mailFrom === '' || publicUrl === '') return null
  return { smtpUrl, from: mailFrom, siteUrl: publicUrl }
}

/** The settings that are missing, if some of them are there. */
export function missingMailSettings({ smtpUrl, mailFrom, publicUrl }: Given): string[] {
  if (smtpUrl === '' && mailFrom === '') return []
  return [
    ...(smtpUrl === '' ? ['--smtp-url'] : []),
    ...(mailFrom === '' ? ['--mail-from'] : []),
    ...(publicUrl === '' ? ['--public-url'] : []),
  ]
}
