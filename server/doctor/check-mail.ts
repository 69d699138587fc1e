import type { Config } from '../config.ts'
import { withoutSecrets } from '../config.ts'
import { missingMailSettings } from '../notifications/mail-settings.ts'
import { checkSmtp } from '../notifications/smtp.ts'
import { ok, problem, warning, type Finding } from './check.ts'

type Given = Pick<Config, 'smtpUrl' | 'mailFrom' | 'publicUrl'>

/** Whether the settings for mails are there together. */
export function checkMailSettings(config: Given): Finding[] {
  const missing = missingMailSettings(config)
  return missing.length === 0
    ? []
    : [warning(`no mail is sent: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`)]
}

/** Whether the mail server takes mails, if the settings name one. */
export async function checkMailServer(config: Given): Promise<Finding[]> {
  if (config.smtpUrl === '') return []
  const shown = withoutSecrets(config.smtpUrl)
  try {
    await checkSmtp(config.smtpUrl)
    return [ok(`the mail server ${shown} answers`)]
  } catch (error) {
    return [problem(`the mail server ${shown}: ${error instanceof Error ? error.message : String(error)}`)]
  }
}
