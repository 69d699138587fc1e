import { expect, test } from 'vitest'
import { noteConfiguration } from '../../../server/settings/note-configuration.ts'
import { testApp } from '../../app.ts'

test('settings that are given are in the audit log once, without passwords, until they change', async () => {
  const { deps } = await testApp()
  const given = { ...deps.config.sources, databaseUrl: 'environment', port: 'flag' } as const
  const config = { ...deps.config, sources: given, databaseUrl: 'postgresql://hub:secret@db/hub', port: 80 }
  const load = (of: typeof config) => noteConfiguration({ ...deps, config: of })
  await load(config)
  await load(config)
  await load({ ...config, port: 81 })
  const entries = await deps.db.auditEntry.findMany({
    where: { action: 'configuration.load' },
    orderBy: { id: 'asc' },
  })
  expect(entries.map(({ detail }) => JSON.parse(detail ?? '') as unknown)).toEqual([
    expect.objectContaining({ 'database-url': 'postgresql://hub@db/hub', port: '80' }),
    expect.objectContaining({ 'database-url': 'postgresql://hub@db/hub', port: '81' }),
  ])
  expect(entries[0]).toMatchObject({ actor: null, via: 'server', result: 'DONE' })
})
