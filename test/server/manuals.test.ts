import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectDir, temporaryDir } from '../app.ts'
import { hub } from '../hub.ts'
import { copyTemplate } from '../template.ts'

// What the manuals say of the command line: test/server/operating-manual.test.ts runs what is in docs/operating.md.

const docs = join(projectDir, 'docs')
const manuals = ['README.md', ...readdirSync(docs).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
)
const textOf = (path: string) => readFileSync(join(projectDir, path), 'utf8')

/** Words of the shell, without quotes. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

/** The lines with `hub` of the fenced blocks, without what is before and after the command. */
const commandsOfBlocks = (text: string) =>
  [...text.matchAll(/^( *)```\w*\n([^]*?)^\1```$/gm)]
    .flatMap(([, , block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => /^ *(?:sudo (?:-u \S+ )?)?(hub [a-z][^|>&#]*)/.exec(line)?.[1]?.trim() ?? [])

/** Those of the text around them: whole commands alone, which name no choice and leave nothing out. */
const commandsOfText = (text: string) =>
  [...text.replaceAll(/^( *)```\w*\n[^]*?^\1```$/gm, '').matchAll(/`(hub [a-z][^`]*)`/g)].flatMap(
    ([, command = '']) => (/[|…&]/.test(command) ? [] : [command.replaceAll(/\s+/g, ' ')]),
  )

const helps = new Map<string, Promise<string | null>>()

/** The help of a command; null: there is no such command. */
function helpOf(names: readonly string[]): Promise<string | null> {
  const key = names.join(' ')
  const known = helps.get(key)
  if (known) return known
  const help = hub([...names, '--help']).then(({ status, stdout }) => (status === 0 ? stdout : null))
  helps.set(key, help)
  return help
}

/** The help of the command that a line calls. Its options may stand before the name of a further command. */
async function helpFor(words: readonly string[]): Promise<string> {
  const names: string[] = []
  let help = (await helpOf([])) ?? ''
  for (const word of words) {
    const listed = /^Commands:$([^]*)/m.exec(help)?.[1] ?? ''
    const commands = [...listed.matchAll(/^ {2}([\w-]+)/gm)].map(([, name]) => name)
    if (!commands.includes(word)) continue
    names.push(word)
    help = (await helpOf(names)) ?? ''
  }
  if (names.length === 0) throw new Error(`there is no command hub ${words.join(' ')}`)
  return help
}

test('the commands that the manuals name are there, with their options', async () => {
  const faults: string[] = []
  for (const path of manuals) {
    const text = textOf(path)
    for (const command of new Set([...commandsOfBlocks(text), ...commandsOfText(text)])) {
      const [, ...words] = wordsOf(command)
      const help = await helpFor(words).catch(() => null)
      const options = words.flatMap((word) => /^--[a-z][\w-]*/.exec(word)?.[0] ?? [])
      const missing = options.filter((option) => !help?.includes(option))
      if (help === null || missing.length > 0) faults.push(`${path}: ${command}: ${missing.join(' ')}`)
    }
  }
  expect(faults).toEqual([])
})

/** Commands that other tests run, since they need a server or a build. */
const runElsewhere: Record<string, string> = {
  'hub hooks test': 'test/server/hooks/cli-hooks.test.ts',
  'hub notifications test': 'test/server/notifications/command.test.ts',
}

test('the commands of the manuals of scheduling, workers, hooks, webhooks, mails and repositories run', async () => {
  const dir = temporaryDir()
  copyTemplate(join(dir, 'builder-hub.sqlite3'))
  mkdirSync(join(dir, 'config'))
  const env = {
    ...{ BUILDER_HUB_CONFIG: '', BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_CONFIG_DIR: join(dir, 'config') },
    BUILDER_HUB_REPOSITORIES_FILE: join(dir, 'repositories.toml'),
  }
  writeFileSync(env.BUILDER_HUB_REPOSITORIES_FILE, '[apt.debian-12]\n')
  const files = { 'hello.sh': '#!/bin/sh\n', 'orb-build.template.debian-12': 'orb %%OPAM_PACKAGE%%\n' }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content)
  const run = (command: string) => {
    const [, ...words] = wordsOf(command)
    return hub(
      words.map((word) => (word in files ? join(dir, word) : word)),
      { env },
    )
  }
  // The platform that the manual gives up.
  expect(await run('hub schedule add old --script hello.sh --platform debian-11')).toMatchObject({
    status: 0,
  })
  const outcomes: unknown[] = []
  for (const name of ['scheduling', 'worker', 'hooks', 'webhooks', 'notifications', 'repositories'])
    for (const command of commandsOfBlocks(textOf(`docs/${name}.md`))) {
      if (Object.keys(runElsewhere).some((known) => command.startsWith(known))) continue
      const { status, stderr } = await run(command)
      outcomes.push(status === 0 ? 0 : `${command}: ${status} ${stderr}`)
    }
  expect(outcomes.filter((outcome) => outcome !== 0)).toEqual([])
  expect(outcomes.length).toBeGreaterThan(15)
})
