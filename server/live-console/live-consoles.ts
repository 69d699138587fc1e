import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileNames, newConsoleFile, openConsoleFile, type ConsoleFile } from './console-file.ts'
import { defaultLimits } from './limit-entries.ts'
import {
  openLiveConsole,
  type LiveConsoleOptions,
  type LiveConsoles,
  type OpenConsole,
} from './live-console.ts'

// It is part of the names of files.
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The files are in `dir`, which is made when it is needed. */
export function createLiveConsoles(
  dir: string,
  { limits: given, lingerMs = 60_000 }: LiveConsoleOptions = {},
): LiveConsoles {
  const limits = { ...defaultLimits, ...given }
  const opening = new Map<string, Promise<OpenConsole>>()
  const findable = new Map<string, OpenConsole>()
  /** With those that are deleted, but still read. */
  const open = new Set<OpenConsole>()
  let isClosed = false
  let made: Promise<unknown> | null = null

  /** Once, and not before each console. */
  function makeDir(): Promise<unknown> {
    made ??= mkdir(dir, { recursive: true }).catch((error: unknown) => {
      made = null
      throw error
    })
    return made
  }

  function checkUuid(uuid: string): void {
    if (!uuidPattern.test(uuid)) throw new Error(`not a UUID: ${uuid}`)
  }

  function checkOpen(): void {
    if (isClosed) throw new Error('the server stops: no console is opened')
  }

  async function openFile(uuid: string): Promise<ConsoleFile> {
    checkOpen()
    await makeDir()
    return openConsoleFile(dir, uuid, limits.textBytes)
  }

  function add(uuid: string, file: ConsoleFile): OpenConsole {
    const listeners = {
      onDispose() {
        findable.delete(uuid)
        opening.delete(uuid)
      },
      onClose: () => void open.delete(console),
    }
    const console = openLiveConsole(file, uuid, listeners, { limits, lingerMs })
    findable.set(uuid, console)
    open.add(console)
    return console
  }

  async function openNow(uuid: string): Promise<OpenConsole> {
    try {
      return add(uuid, await openFile(uuid))
    } catch (error) {
      opening.delete(uuid)
      throw error
    }
  }

  return {
    async open(uuid) {
      checkUuid(uuid)
      checkOpen()
      const known = opening.get(uuid) ?? openNow(uuid)
      opening.set(uuid, known)
      return known
    },

    begin(uuid) {
      checkUuid(uuid)
      const console = add(
        uuid,
        newConsoleFile(() => openFile(uuid)),
      )
      opening.set(uuid, Promise.resolve(console))
      return console
    },

    find: (uuid) => findable.get(uuid) ?? null,

    async sweep(kept) {
      await makeDir()
      const wanted = new Set<string>([...kept, ...opening.keys()].flatMap((uuid) => fileNames(uuid)))
      const left = (await readdir(dir)).filter((name) => !wanted.has(name))
      await Promise.all(left.map((name) => rm(join(dir, name), { force: true })))
    },

    async close() {
      isClosed = true
      await Promise.allSettled(opening.values())
      await Promise.all([...open].map((one) => one.close()))
    },
  }
}
