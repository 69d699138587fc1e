import { readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findControlGroups } from '../../../server/build-worker/control-group.ts'
import { isRunning, run, sandboxesHere, type Ran, type RunOptions } from './script-site.ts'

const sandboxes = await sandboxesHere()
const groups = await findControlGroups()
const bubblewrap = sandboxes.find(([name]) => name === 'bubblewrap')?.[1]
const hasBubblewrap = bubblewrap !== undefined
const isLinux = process.platform === 'linux'

const exited = (code: number) => ({ kind: 'exited', code: BigInt(code) })
const ended = ({ result, detail, texts }: Ran) => ({ result, detail, texts })
const mb = 2 ** 20

describe.each(sandboxes)('with the sandbox %s', (_name, sandbox) => {
  const go = (script: string, options: Partial<RunOptions> = {}) =>
    run(script, { sandbox, ...options }, ended)

  test.each([
    ['exits with 0', 'exit 0', exited(0), null],
    ['exits with 3', 'exit 3', exited(3), null],
    ['exits with the status of a signal', 'exit 137', exited(137), null],
    ['is killed by SIGKILL', 'kill -KILL $$', exited(137), 'killed by SIGKILL'],
    ['crashes', 'kill -SEGV $$', exited(139), 'killed by SIGSEGV'],
    [
      'kills the shell that started it',
      'kill -KILL $PPID; sleep 100',
      { kind: 'signalled', signal: -7n },
      'killed by SIGKILL',
    ],
    [
      'runs too long',
      'echo begin; sleep 100',
      exited(124),
      'killed: the time limit of 0.5 seconds',
      ['begin'],
    ],
  ])('a script that %s', async (_what, script, result, detail, texts: string[] = []) => {
    const limits = texts.length > 0 ? { timeMs: 500 } : {}
    expect(await go(`#!/bin/sh\n${script}\n`, { limits })).toEqual({ result, detail, texts })
  })

  test('a script without #! is one of sh, and what has no interpreter says so in the console', async () => {
    expect(await go('echo plain')).toEqual({ result: exited(0), detail: null, texts: ['plain'] })
    const { result, texts } = await go('#!/no/such/interpreter\n')
    expect(result).toEqual(exited(127))
    expect(texts.join('\n')).toContain('not found')
  })

  test('a script has a clean environment, its folder, no input and no connection', async () => {
    process.env['SECRET_OF_A_TEST'] = 'secret'
    const script =
      '#!/bin/sh\nenv | sort; pwd; umask; ulimit -c; cat; ls -l /proc/self/fd | grep -c socket:; echo x > /dev/stdout; echo y > /dev/stderr; echo x > "$HOME/x"; echo x > "$TMPDIR/x"; ls -l script.sh | cut -c 1-10\n'
    const { texts } = await go(script, { env: { OPAMJOBS: '3' } })
    delete process.env['SECRET_OF_A_TEST']
    const names = texts.filter((line) => /^[A-Z]+=/.test(line)).map((line) => line.split('=')[0])
    expect(names).toEqual(['HOME', 'LANG', 'OPAMJOBS', 'PATH', 'PWD', 'TMPDIR'])
    expect(texts.slice(6)).toEqual([texts[4]?.slice(4), '0022', '0', '0', 'x', 'y', '-rwxr--r--'])
  })

  test('lines are the bytes that were printed, in the order of both outputs, also the last one without a line feed', async () => {
    const script = `#!/bin/sh\necho one; echo two >&2; printf 'a\\r\\n\\000\\377\\033[1mb\\n\\nlast'`
    const lines = await run(script, { sandbox }, ({ lines }) => lines)
    expect(lines.map(({ text }) => Buffer.from(text).toString('latin1'))).toEqual([
      'one',
      'two',
      'a\r',
      '\0\xff\x1b[1mb',
      '',
      'last',
    ])
    const times = lines.map(({ deltaNs }) => deltaNs)
    expect(times).toEqual(times.toSorted((one, other) => (one < other ? -1 : 1)))
    expect(times[0]).toBeGreaterThanOrEqual(0n)
  })

  test('100,000 lines', async () => {
    const { texts } = await go('#!/bin/sh\nseq 100000\n')
    expect([texts.length, texts[0], texts.at(-1)]).toEqual([100_000, '1', '100000'])
  })

  test('what a script leaves behind is ended with it, and its output is not waited for', async () => {
    const mark = `98${process.pid}`
    const { result } = await go(
      `#!/bin/sh\nsleep ${mark} & (trap "" TERM HUP; exec sleep ${mark}) & echo hello\n`,
    )
    expect(result).toEqual(exited(0))
    expect(isRunning(`sleep ${mark}`)).toBe(false)
  })

  test.skipIf(!hasBubblewrap && !groups)('also what has left its session', async () => {
    const mark = `97${process.pid}`
    await go(`#!/bin/sh\nsetsid sleep ${mark} & setsid setsid sh -c "sleep ${mark}; true" & sleep 0.2\n`)
    expect(isRunning(`sleep ${mark}`)).toBe(false)
  })

  test('a script that is cancelled is killed at once, and the reason is its result', async () => {
    const cancel = { afterLines: 1, reason: { kind: 'cancelled' as const, text: 'cancelled by alice' } }
    const { result, detail } = await go('#!/bin/sh\ntrap "" TERM; echo begin; while :; do sleep 1; done\n', {
      cancel,
    })
    expect(result).toEqual({ kind: 'aborted', message: Buffer.from('cancelled by alice') })
    expect(detail).toBe('cancelled by alice')
  })

  describe.skipIf(!isLinux)('limits', () => {
    const fill = `#!/bin/sh\nperl -e 'my $x = "x" x ${300 * mb}; $y = $x; sleep 100'\n`

    test.each([
      ['with a control group', true],
      ['without a control group', false],
    ])('of memory, %s', async (_what, withGroups) => {
      expect(await go(fill, { limits: { memoryBytes: 100 * mb }, withGroups })).toEqual({
        ...{ result: exited(137), detail: 'killed: more than 100 MiB of memory', texts: [] },
      })
    })

    test('of the disk: by one file, and by many', async () => {
      const limits = { diskBytes: 20 * mb }
      const one = await go('#!/bin/sh\nexec head -c 30000000 /dev/zero > big\n', { limits })
      expect([one.result, one.detail]).toEqual([exited(153), 'killed: more than 20.0 MiB of disk'])
      const many = await go(
        '#!/bin/sh\nfor i in 1 2 3 4; do head -c 10000000 /dev/zero > "$TMPDIR/$i"; done; sleep 100\n',
        { limits },
      )
      expect([many.result, many.detail]).toEqual([exited(137), 'killed: more than 20.0 MiB of disk'])
    })

    test('of processes', async () => {
      // Without end, but slowly: a script that doubles them would stop the machine where the limit does not hold.
      const growing = '#!/bin/sh\nwhile :; do sleep 50 & sleep 0.01; done\n'
      const { detail } = await go(growing, { limits: { maxProcesses: 100 } })
      expect(detail).toBe('killed: more than 100 processes')
    })

    test('of CPUs', async () => {
      const { texts } = await go('#!/bin/sh\nnproc\n', { limits: { cpus: 1 }, withGroups: false })
      expect(texts).toEqual(['1'])
    })
  })
})

describe.skipIf(!hasBubblewrap)('in bubblewrap', () => {
  const sandbox = bubblewrap ?? { kind: 'none', why: '' }
  const go = (script: string, options: Partial<RunOptions> = {}) =>
    run(`#!/bin/sh\n${script}\n`, { sandbox, ...options }, ended)

  test('the system is read-only, and the folders of people, services and the worker are not there', async () => {
    const script =
      'for p in / /usr /etc /dev /run /home /root; do touch $p/x 2>/dev/null && echo "$p can be written"; done; ls -A /run; ls -A /root; ls /home; pwd; hostname; id -u; echo $$'
    const { texts } = await go(script)
    expect(texts.slice(0, -1)).toEqual(['builder', '/build', 'builder', '1000'])
    // No process of the machine: bwrap, the shell, the script.
    expect(Number(texts.at(-1))).toBeLessThan(10)
  })

  test('hidden places are empty, readable and writable ones are as the operator says', async () => {
    const places = { hidden: ['/usr/share/doc', '/etc/passwd'], readable: [], writable: [] }
    const script = 'ls -A /usr/share/doc | wc -l; cat /etc/passwd 2>&1'
    expect((await go(script, { sandbox: { kind: 'bubblewrap', places } })).texts).toEqual([
      '0',
      'cat: /etc/passwd: Permission denied',
    ])
  })

  test('the network is there only for runs that may use it', async () => {
    const script = "grep -c ':' /proc/net/dev; grep -o 'eth[0-9]*\\|en[a-z0-9]*' /proc/net/dev | wc -l"
    const alone = await go(script)
    expect(alone.texts).toEqual(['1', '0'])
    const refused = await go(
      "bash -c 'exec 9<>/dev/tcp/1.1.1.1/53' 2>&1 | grep -o 'Network is unreachable' | head -n 1",
    )
    expect(refused.texts).toEqual(['Network is unreachable'])
    const allowed = await go('readlink /proc/self/ns/net', { limits: { allowsNetwork: true } })
    expect(allowed.texts).toEqual([readlinkSync('/proc/self/ns/net')])
  })
})
