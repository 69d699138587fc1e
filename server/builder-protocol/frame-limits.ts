import { commandNumbers } from '../formats/builder-commands.ts'
import type { FrameLimits } from '../formats/builder-frames.ts'
import { derTags } from '../formats/der-header.ts'
import { extensionTag } from '../formats/worker-extension.ts'

const mebibyte = 2 ** 20
/** Of commands that are names and numbers. Whoever has not said yet who it is gets no more read, whatever the tag. */
export const smallBytes = 64 * 2 ** 10
/** A script, as server/scheduling takes it at most, with what is around it. A client has no longer command. */
export const scheduleBytes = 5 * mebibyte
/** A line without an end grows for as long as a job runs: `curl` draws its progress into one. */
const lineBytes = 16 * mebibyte
/** A message of the hub's own worker carries at most 1 MiB of a file, or of lines. */
const messageBytes = 3 * mebibyte

export const commandTags = {
  jobFinished: derTags.explicit(commandNumbers.jobFinished),
  output: derTags.explicit(commandNumbers.output),
}

const bytesByTag = new Map([
  [derTags.explicit(commandNumbers.schedule), scheduleBytes],
  [commandTags.output, lineBytes],
  [extensionTag, messageBytes],
])

/** What the hub takes: a finished job may be as long as an upload, and is streamed; the others are read as a whole. */
export function frameLimits({ uploadMaxBytes }: { uploadMaxBytes: number }): FrameLimits {
  return {
    anyBytes: Math.max(uploadMaxBytes, lineBytes),
    wholeBytes: lineBytes,
    bytesOf: (tag) =>
      tag === commandTags.jobFinished ? uploadMaxBytes : (bytesByTag.get(tag) ?? smallBytes),
  }
}
