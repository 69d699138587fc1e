import type { QueuedJobs, ScheduledJob } from './builder-commands.ts'
import { queuePart, schedulePart } from './builder-command-encoder.ts'
import { takeJob, takeQueue, takeSchedule, takeScriptJob } from './builder-command-decoder.ts'
import { takeName } from './der-fields.ts'
import { DerReader } from './der.ts'
import { derTags, type DerValue, malformed } from './der-header.ts'
import { joined, tagged, text } from './der-parts.ts'

/**
 * What builder's server keeps in its file `state`: SEQUENCE OF CHOICE { oldScriptJob [0], oldSchedule [1], oldJob [2],
 * schedule [3], queue [4], droppedPlatform [5] }. `ignored` counts the jobs of the old queue without platforms: they were
 * waiting when a builder before platforms stopped, and builder passes over them, too.
 */
export type BuilderState = {
  schedules: ScheduledJob[]
  queues: QueuedJobs[]
  droppedPlatforms: string[]
  ignored: number
}

const { sequence, explicit } = derTags

/** Throws MalformedError for everything that builder cannot read either, and for names that are not UTF-8. */
export function decodeState(bytes: Uint8Array): BuilderState {
  const der = DerReader.over(bytes, 'state of builder')
  const items = der.open(der.input, 'the state', sequence)
  const state: BuilderState = { schedules: [], queues: [], droppedPlatforms: [], ignored: 0 }
  while (!der.isAtEnd(items)) {
    const { tag } = der.peek(items, 'an item')
    const item = der.open(items, 'an item', tag)
    const take = takers.get(tag)
    if (!take) throw malformed(item, `has tag 0x${tag.toString(16).padStart(2, '0')}, which no item has`)
    take(der, item, state)
    der.close(item)
  }
  der.closeInput('state')
  return state
}

/** The file as builder writes it, in the order schedules, queues, dropped platforms. */
export function encodeState(state: Omit<BuilderState, 'ignored'>): Uint8Array {
  return joined(
    tagged(sequence, [
      ...state.schedules.map((one) => tagged(explicit(3), [schedulePart(one)])),
      ...state.queues.map((one) => tagged(explicit(4), [queuePart(one)])),
      ...state.droppedPlatforms.map((one) => tagged(explicit(5), [text(one)])),
    ]),
  )
}

const takers: ReadonlyMap<number, (der: DerReader, item: DerValue, state: BuilderState) => void> = new Map([
  [
    explicit(0),
    (der, item, state) => {
      takeScriptJob(der, item)
      state.ignored++
    },
  ],
  [explicit(1), (der, item, state) => void state.schedules.push(takeSchedule(der, item, true))],
  [
    explicit(2),
    (der, item, state) => {
      takeJob(der, item)
      state.ignored++
    },
  ],
  [explicit(3), (der, item, state) => void state.schedules.push(takeSchedule(der, item))],
  [explicit(4), (der, item, state) => void state.queues.push(takeQueue(der, item))],
  [explicit(5), (der, item, state) => void state.droppedPlatforms.push(takeName(der, item, 'platform name'))],
])
