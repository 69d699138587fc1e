import { serverActor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Config } from '../config.ts'
import type { Transaction } from '../database/writer.ts'
import type { WebhookEndpointId } from '../ids.ts'
import { mailSettingsOf } from '../notifications/mail-settings.ts'
import { mailAdministrators } from '../notifications/plain-mail.ts'
import { visibleText } from '../visible-text.ts'

/** Tells the audit log, and administrators by mail, that an endpoint gets nothing more until somebody enables it. */
export async function tellOfSuspension(
  tx: Transaction,
  config: Config,
  at: Date,
  { id, url, reason }: { id: WebhookEndpointId; url: string; reason: string },
): Promise<void> {
  const target = String(id)
  await recordAudit(tx, { at, actor: serverActor, action: 'webhook.suspend', target, detail: { reason } })
  const settings = mailSettingsOf(config)
  if (!settings) return
  // Behind the host, some addresses have a secret.
  const { host } = new URL(url)
  await mailAdministrators(tx, settings, at, {
    dedupeKey: `webhook.suspend ${id} ${at.toISOString()}`,
    subject: `Webhook ${id} to ${visibleText(host)} is suspended`,
    paragraphs: [
      `${settings.siteUrl} sends nothing more to webhook ${id} at ${visibleText(host)}: ${visibleText(reason)}.`,
      'What happens meanwhile is not sent later. Enable it again when its receiver is well.',
    ],
    link: `${settings.siteUrl}/admin/webhooks`,
  })
}
