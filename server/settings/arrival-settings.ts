import * as z from 'zod'
import { addressIn } from '../notifications/mail-address.ts'
import { parseAllowedPlaces } from '../webhooks/webhook-reach.ts'
import { folder, optionalFile, setting, whole } from './setting.ts'

/** Settings of what happens when a build arrives: hooks, webhooks, mails, package repositories. */
export const arrivalSettings = {
  configDir: setting(
    {
      flag: '--config-dir <folder>',
      env: 'BUILDER_HUB_CONFIG_DIR',
      help: 'folder with the hooks, in upload-hooks, failure-hooks and verdict-hooks: see docs/hooks.md',
      fallback: 'config',
    },
    folder(),
  ),
  hookTimeoutSeconds: setting(
    {
      flag: '--hook-timeout <seconds>',
      env: 'BUILDER_HUB_HOOK_TIMEOUT',
      help: 'seconds that a hook may run; then it is ended with all its processes',
      fallback: '600',
      isReloadable: true,
    },
    whole(1, 86_400),
  ),
  hookSlots: setting(
    {
      flag: '--hook-slots <number>',
      env: 'BUILDER_HUB_HOOK_SLOTS',
      help: 'hooks that run at once',
      fallback: '2',
    },
    whole(1, 64),
  ),
  hookDays: setting(
    {
      flag: '--hook-days <days>',
      env: 'BUILDER_HUB_HOOK_DAYS',
      help: 'days after which runs of hooks that have ended are forgotten, with what they printed; 0: never',
      fallback: '90',
      isReloadable: true,
    },
    whole(0, 36_500),
  ),
  webhookAllow: setting(
    {
      flag: '--webhook-allow <places>',
      env: 'BUILDER_HUB_WEBHOOK_ALLOW',
      help: 'where webhooks may go: external (every public address), networks such as 10.0.0.0/8, and names of hosts, separated by commas',
      fallback: 'external',
      isReloadable: true,
    },
    z.string().refine((text) => parseAllowedPlaces(text) !== null, {
      error: 'it must be external, networks such as 10.0.0.0/8, and names of hosts, separated by commas',
    }),
  ),
  silentDays: setting(
    {
      flag: '--silent-days <days>',
      env: 'BUILDER_HUB_SILENT_DAYS',
      help: 'days after which a job without a new build is an event (job.silent); 0: never',
      fallback: '7',
      isReloadable: true,
    },
    whole(0, 3_650),
  ),
  eventDays: setting(
    {
      flag: '--event-days <days>',
      env: 'BUILDER_HUB_EVENT_DAYS',
      help: 'days that events, and the log of what webhooks have sent, are kept; at least 4, so long deliveries are tried',
      fallback: '30',
      isReloadable: true,
    },
    // Deliveries are tried for more than three days.
    whole(4, 3_650),
  ),
  smtpUrl: setting(
    {
      flag: '--smtp-url <url>',
      env: 'BUILDER_HUB_SMTP_URL',
      help: 'mail server for notifications, as smtp://USER:PASSWORD@HOST:587 or smtps://…; empty: no mail is sent',
      fallback: '',
      isSecret: true,
      isReloadable: true,
    },
    z.union([
      z.literal(''),
      z.url({ protocol: /^smtps?$/, error: 'it must be an smtp:// or smtps:// address' }),
    ]),
  ),
  mailFrom: setting(
    {
      flag: '--mail-from <address>',
      env: 'BUILDER_HUB_MAIL_FROM',
      help: 'sender of mails, as hub@example.org or Builder Hub <hub@example.org>',
      fallback: '',
      isReloadable: true,
    },
    z.string().refine((text) => text === '' || addressIn(text) !== null, {
      error: 'it must be an address, such as hub@example.org or Builder Hub <hub@example.org>',
    }),
  ),
  repositoriesFile: setting(
    {
      flag: '--repositories-file <file>',
      env: 'BUILDER_HUB_REPOSITORIES_FILE',
      help: 'TOML file of the package repositories that are made of the packages of builds; empty: none',
      fallback: '',
      isReloadable: true,
    },
    optionalFile(),
  ),
}
