import { byServer } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { keyOf, settings } from '../config.ts'
import type { Deps } from '../deps.ts'
import { shownValue } from './shown-value.ts'

/**
 * Adds the settings that are given, without the passwords in them, to the audit log, unless the entry before says the same: a
 * server that is started again with the same settings changes nothing.
 */
export async function noteConfiguration({
  clock,
  config,
  writer,
}: Pick<Deps, 'clock' | 'config' | 'writer'>): Promise<void> {
  const given = settings.filter(({ name }) => config.sources[name] !== 'default')
  const detail = Object.fromEntries(
    given.map((setting) => [keyOf(setting.flag), shownValue(setting, config)]),
  )
  await writer.transact([], async (tx) => {
    const action = 'configuration.load'
    const before = await tx.auditEntry.findFirst({
      where: { action },
      orderBy: { id: 'desc' },
      select: { detail: true },
    })
    if (before?.detail !== JSON.stringify(detail))
      await recordAudit(tx, { ...byServer(clock.now()), action, detail })
  })
}
