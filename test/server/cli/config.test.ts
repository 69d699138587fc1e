import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'

const run = (args: string[], env: Record<string, string> = {}) =>
  hub(['config', ...args], { env: { BUILDER_HUB_CONFIG: '', ...env } })

test('the file that init prints is valid, and changes nothing', async () => {
  const file = join(temporaryDir(), 'config.toml')
  const { stdout: template } = await run(['init'])
  writeFileSync(file, template)
  expect(await run(['check', '--config', file])).toEqual({
    status: 0,
    stdout: `${file} is valid\n`,
    stderr: '',
  })
  const sources = async (text: string) => {
    writeFileSync(file, text)
    const { stdout } = await run(['show', '--json', '--config', file])
    return new Set((JSON.parse(stdout) as { source: string }[]).map(({ source }) => source))
  }
  expect(await sources(template)).toEqual(new Set(['default']))
  // Each of its comments is a setting with its default.
  expect(await sources(template.replace(/^# ([a-z0-9-]+ = )/gm, '$1'))).toEqual(new Set(['file']))
  expect((await run(['check', '--config', file])).status).toBe(0)
})

test('show prints each value with its source, and hides passwords', async () => {
  const file = join(temporaryDir(), 'config.toml')
  writeFileSync(
    file,
    'database-url = "postgresql://hub:secret@db/hub?sslpassword=secret"\nexpired-jobs = 7\n',
  )
  const { status, stdout } = await run(['show', '--port', '80'], {
    BUILDER_HUB_CONFIG: file,
    BUILDER_HUB_HOST: '::1',
  })
  expect(status).toBe(0)
  const rows = stdout.split('\n').map((line) => line.split(/ {2,}/))
  expect(rows).toContainEqual(['database-url', 'file', 'postgresql://hub@db/hub'])
  expect(rows).toContainEqual(['host', 'environment', '::1'])
  expect(rows).toContainEqual(['port', 'flag', '80'])
  expect(rows).toContainEqual(['expired-jobs', 'file', '7'])
  expect(rows).toContainEqual(['log-level', 'default', 'info'])
  expect(stdout).not.toContain('secret')
})

test('check names what is wrong, in one message without a stack', async () => {
  const file = join(temporaryDir(), 'config.toml')
  writeFileSync(file, 'prot = 80\n')
  expect(await run(['check', '--config', file])).toEqual({
    status: 1,
    stdout: '',
    stderr: `bad settings in ${file}:\n  prot: there is no such setting, did you mean port?\n`,
  })
  // Every command reads the file.
  expect((await hub(['user', 'list'], { env: { BUILDER_HUB_CONFIG: file } })).stderr).toContain(
    'did you mean port?',
  )
  expect((await run(['check', '--config', '/nowhere.toml'])).stderr).toContain('cannot be read: ENOENT')
})
