import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'

const has = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0

/** What bash offers after some words, of which the last one may be unfinished. */
function completed(script: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ')
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `source '${script}'; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _hub; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  return stdout.trimEnd().split('\n')
}

test.skipIf(!has('bash'))('bash completes commands, their commands and their options', async () => {
  const script = join(temporaryDir(), 'hub')
  writeFileSync(script, (await hub(['completion', 'bash'])).stdout)
  expect(completed(script, ['hub', 'us'])).toEqual(['user'])
  expect(completed(script, ['hub', 'user', ''])).toEqual(
    expect.arrayContaining(['add', 'disable', 'list', 'remove']),
  )
  expect(completed(script, ['hub', 'user', 'add', '--un'])).toEqual(['--unrestricted'])
  expect(completed(script, ['hub', '--data-dir', '/srv', 'user', 'd'])).toEqual(['disable'])
  expect(completed(script, ['hub', 'vacuum', 'except-latest', '--dry'])).toEqual(['--dry-run'])
  expect(completed(script, ['hub', 'completion', ''])).toEqual(
    expect.arrayContaining(['bash', 'zsh', 'fish']),
  )
  expect(completed(script, ['hub', '--config', '/etc/host'])).toContain('/etc/hosts')
  // The name of a user is no command of `hub`.
  expect(completed(script, ['hub', 'user', 'add', 'vacuum', '--un'])).toEqual(['--unrestricted'])
})

test('zsh and fish get all commands, too, and other shells are refused', async () => {
  const { stdout: zsh } = await hub(['completion', 'zsh'])
  expect(zsh.startsWith('#compdef hub\n')).toBe(true)
  const { stdout: fish } = await hub(['completion', 'fish'])
  expect(fish).toContain(`-n 'test (__hub_command) = "hub"' -a user -d `)
  expect(fish).toContain(`-n 'test (__hub_command) = "hub user add"' -l unrestricted -d `)
  expect(fish).toContain('complete -c hub -r -l data-dir -d ')
  if (has('fish')) {
    const file = join(temporaryDir(), 'hub.fish')
    writeFileSync(file, fish)
    expect(spawnSync('fish', ['--no-execute', file]).status).toBe(0)
  }
  expect((await hub(['completion', 'tcsh'])).status).toBe(2)
})

test('the manual page has each command with its options, as man reads it', async () => {
  const { stdout: page } = await hub(['man'])
  for (const text of [
    '.SS\nhub user add',
    '.B \\-\\-unrestricted',
    '.SS\nhub vacuum except\\-latest',
    '.SH EXIT STATUS',
  ])
    expect(page).toContain(text)
  if (has('groff')) {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Kutf8', '-Tutf8', '-ww'], {
      input: page,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    // Bold letters are escape sequences, or are struck twice.
    expect(stdout.replace(/.\u0008|\u001b\[\d*m/g, '')).toContain('hub user add')
  }
})
