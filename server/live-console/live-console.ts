import type { ConsoleEntry } from '../builds/console-entries.ts'
import type { ConsoleFile } from './console-file.ts'
import { batchedWrites } from './batched-writes.ts'
import { limitEntries, type LiveConsoleLimits } from './limit-entries.ts'
import { createReaders } from './readers.ts'

export type { ConsoleEntry } from '../builds/console-entries.ts'

/** Entries that follow each other; `first` is the number of the first one, from 0. */
export type ConsoleBatch = { first: number; entries: ConsoleEntry[] }

/**
 * The console of a try that is under way, or has ended and is not stored yet. Its entries are in a file: memory holds only
 * what is being written, and what each reader has asked for last.
 */
export type LiveConsole = {
  readonly uuid: string
  /**
   * How many entries were taken: a worker goes on from this number. More than can be read when the console has reached its
   * limit, since what follows is dropped.
   */
  readonly lineCount: number
  readonly isEnded: boolean
  /** What `end` was told; null before. */
  readonly result: string | null
  /**
   * Takes entries: raw bytes without the line break, which must stay as they are until it resolves. A time before that of
   * the last entry becomes that time. Resolves when they are written: a caller that awaits it before it takes more has
   * bounded memory. Throws StorageFullError.
   */
  append: (entries: readonly ConsoleEntry[]) => Promise<void>
  /** `count` entries from number `from`, which counts from 0; fewer at the end, and where they have more than 1 MiB. */
  read: (from: number, count: number) => Promise<ConsoleEntry[]>
  /**
   * The entries from number `from`, and then those that come, in batches of about 64 KiB. A batch is read when it is asked
   * for. Ends after the last entry of a console that has ended, and when `signal` is aborted.
   */
  follow: (from: number, signal: AbortSignal) => AsyncGenerator<ConsoleBatch, void, void>
  /** All entries, the last one first, as a record has them. */
  newestFirst: () => AsyncGenerator<ConsoleEntry, void, void>
  /** Nothing more will come. `result` says why, such as `exited 0`. Further calls change nothing. */
  end: (result: string) => Promise<void>
  /** Deletes the console, and ends it if nobody has. Those who read it may read on for a minute. */
  dispose: () => Promise<void>
}

/** The consoles of tries whose builds are not stored yet. */
export type LiveConsoles = {
  /**
   * The console of a try. If the hub stopped while the try was under way, its lines are still there. `uuid` must be that of
   * a try that the database has: it becomes the name of files.
   */
  open: (uuid: string) => Promise<LiveConsole>
  /**
   * The console of a try that is new, at once: its files are made when it gets its first entry.
   */
  begin: (uuid: string) => LiveConsole
  /** The console that is open; null once its build is stored. */
  find: (uuid: string) => LiveConsole | null
  /** Deletes the files of tries that are not `kept`, which a process that was killed may leave. Open consoles stay. */
  sweep: (kept: ReadonlySet<string>) => Promise<void>
  /** Ends the reading of all, and closes their files, which stay. */
  close: () => Promise<void>
}

export type LiveConsoleOptions = { limits?: Partial<LiveConsoleLimits>; lingerMs?: number }

/** A LiveConsole as the registry has it (live-consoles.ts). */
export type OpenConsole = LiveConsole & {
  /** Closes its files, which stay. Its readers end. */
  close: () => Promise<void>
}

const readBytes = 2 ** 20
const ahead = { entries: 1_000, bytes: 64 * 2 ** 10 }
const back = { entries: 8_192, bytes: 256 * 2 ** 10 }

/**
 * The console of a try, whose entries are in `file`. `onDispose` is called when they are deleted, and `onClose` when nobody reads
 * them any more.
 */
export function openLiveConsole(
  file: ConsoleFile,
  uuid: string,
  { onDispose, onClose }: { onDispose: () => void; onClose: () => void },
  { limits, lingerMs }: { limits: LiveConsoleLimits; lingerMs: number },
): OpenConsole {
  const readers = createReaders()
  const writes = batchedWrites(write)
  let result: string | null = null
  let droppedCount = 0
  let isFull = file.count >= limits.entries
  let ending: Promise<void> | null = null
  let closing: Promise<void> | null = null
  let disposing: Promise<void> | null = null

  async function write(entries: readonly ConsoleEntry[]): Promise<void> {
    const limited = isFull ? { kept: [], isFull } : limitEntries(entries, file, limits)
    await file.append(limited.kept)
    isFull = limited.isFull
    droppedCount += entries.length - limited.kept.length
    readers.wake()
  }

  function close(): Promise<void> {
    closing ??= (async () => {
      readers.wake()
      await writes.settled()
      await file.close()
    })()
    return closing
  }

  function end(why: string): Promise<void> {
    ending ??= writes.settled().then(() => {
      result = why
      readers.wake()
    })
    return ending
  }

  /** The next entries; none when the files are closed meanwhile. */
  async function readAhead(from: number): Promise<ConsoleEntry[]> {
    try {
      return await file.read(from, ahead.entries, ahead.bytes)
    } catch (error) {
      if (closing) return []
      throw error
    }
  }

  return {
    uuid,
    get lineCount() {
      return file.count + droppedCount
    },
    get isEnded() {
      return result !== null
    },
    get result() {
      return result
    },

    async append(entries) {
      if (ending || closing) throw new Error(`the console of ${uuid} takes no more: it has ended`)
      if (entries.length > 0) await writes.add(entries)
    },

    read: (from, count) => file.read(from, count, readBytes),

    async *follow(from, signal) {
      const leave = readers.enter()
      try {
        let next = from
        while (!signal.aborted && !closing) {
          if (next < file.count) {
            const entries = await readAhead(next)
            if (entries.length > 0) yield { first: next, entries }
            next += entries.length
          } else if (result !== null) return
          else await readers.wait(signal)
        }
      } finally {
        leave()
      }
    },

    async *newestFirst() {
      const leave = readers.enter()
      try {
        for (let end = file.count; end > 0;) {
          const entries = await file.readBefore(end, back.entries, back.bytes)
          yield* entries.toReversed()
          end -= entries.length
        }
      } finally {
        leave()
      }
    },

    end,

    dispose() {
      disposing ??= (async () => {
        await end('removed')
        await file.remove()
        onDispose()
        void readers.gone(lingerMs).then(close).then(onClose)
      })()
      return disposing
    },

    close,
  }
}
