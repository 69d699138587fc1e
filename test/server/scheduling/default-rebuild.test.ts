import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { defaultRebuildTemplate } from '../../../server/scheduling/default-rebuild-template.ts'
import { readRebuildable } from '../../../server/scheduling/rebuild-build.ts'
import { scriptOf } from '../../../server/scheduling/script-of.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'

/** `orb rebuild` as src/orb.ml of orb 1.0.1 has it, as far as files, words and the exit status go: orb itself is not to be had here. */
const orb = `#!/bin/sh
[ "$1" = rebuild ] || exit 124
shift
out=.
for word; do
  case "$word" in
    --out=*) out=\${word#--out=} ;;
    --*) ;;
    *) dir=$word ;;
  esac
done
set -e
for input in build-environment system-packages opam-switch; do cp "$dir/$input" "$out/$input"; done
name=$(sed -n 's/^roots: \\["\\(.*\\)\\.1\\.0"\\]$/\\1/p' "$dir/opam-switch")
mkdir -p "$out/bin"
printf %s "$OUTPUT" > "$out/bin/$name"
hash=$(md5sum < "$out/bin/$name" | cut -d' ' -f1)
printf 'opam-version: "2.0"\\nadded: [\\n  "bin/%s" {"F:%s"}\\n]\\n' "$name" "$hash" > "$out/$name.build-hashes"
if [ ! -f "$dir/$name.build-hashes" ]; then
  echo "[ORB] no tracking map for $name found"
  exit 1
fi
if cmp -s "$dir/$name.build-hashes" "$out/$name.build-hashes"; then
  echo '[ORB] It is reproducible!!!'
else
  echo '[ORB] There are some mismatching hashes'
fi
`

test('the template of the hub repeats a build by orb, and the verdict is that of the files, not of orb', async () => {
  const app = await testApp()
  const { db } = app.deps
  const inputs = [
    file('opam-switch', 'opam-version: "2.0"\nroots: ["albatross.1.0"]\ninstalled: [\n  "roots.1"\n]\n'),
    file('build-environment', 'OS=linux\nSWITCH_PATH=/tmp/myswitch\n'),
    file('system-packages', 'gcc=12.2.0\n'),
  ]
  const first = sampleRecord({ artifacts: [file('bin/albatross', 'one'), ...inputs] })
  expect((await app.upload(first)).status).toBe(201)

  const bin = temporaryDir()
  writeFileSync(join(bin, 'orb'), orb, { mode: 0o755 })
  const { definition } = await readRebuildable(db, first.uuid)
  if (definition.work.kind !== 'REBUILD') throw new Error('it is no rebuild')
  const script = scriptOf(definition.work, first, {
    ...{ build: null, rebuild: defaultRebuildTemplate, siteUrl: app.url },
  })

  async function rebuild(output: string) {
    const folder = join(temporaryDir(), 'build')
    mkdirSync(folder)
    writeFileSync(join(bin, 'script'), script, { mode: 0o755 })
    const env = { PATH: `${bin}:${process.env['PATH']}`, OUTPUT: output }
    const { stdout } = await promisify(execFile)('/bin/sh', [join(bin, 'script')], { cwd: folder, env })
    expect(existsSync(join(folder, '.inputs/albatross.build-hashes'))).toBe(true)
    const made = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && !one.parentPath.includes('/.inputs'))
      .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    const artifacts = made.map((path) => file(path, readFileSync(join(folder, path))))
    const record = sampleRecord({ artifacts, startedAt: new Date('2026-11-02T10:00:00Z') })
    expect((await app.upload(record)).status).toBe(201)
    const { verdict } = await db.build.findUniqueOrThrow({ where: { uuid: record.uuid } })
    return { verdict, stdout }
  }
  const [same, other] = [await rebuild('one'), await rebuild('two')]
  expect(same.stdout).toContain('.inputs/opam-switch: OK')
  expect(same.stdout).toContain('[ORB]')
  expect([same.verdict, other.verdict]).toEqual(['REPRODUCED', 'NOT_REPRODUCIBLE'])
})
