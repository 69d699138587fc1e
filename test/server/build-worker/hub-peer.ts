import { expect } from 'vitest'
import type { Peer } from '../../../server/builder-protocol/peer.ts'
import { encodeCommand } from '../../../server/formats/builder-command-encoder.ts'
import { encodeExtensionHello, type ExtensionMessage } from '../../../server/formats/worker-extension.ts'
import { nextFrame, nextMessage, peerOf, platform, say, type TestServer } from './worker-site.ts'

/** A connection of a slot that the hub has taken, with how the worker introduced itself. */
export async function welcomeSlot(
  server: TestServer,
  heartbeatSeconds = 30,
): Promise<{ peer: Peer; introduction: ExtensionMessage & { kind: 'introduction' } }> {
  const peer = peerOf(await server.next())
  expect(Buffer.from(await nextFrame(peer))).toEqual(Buffer.from(encodeExtensionHello('worker')))
  await peer.send(encodeCommand({ kind: 'serverHello' }))
  const introduction = await nextMessage(peer, 'introduction')
  await say(peer, { kind: 'welcome', heartbeatSeconds })
  return { peer, introduction }
}

type RunMessage = ExtensionMessage & { kind: 'run' }

export async function giveRun(
  peer: Peer,
  uuid: string,
  script: string,
  limits: Partial<RunMessage['limits']> = {},
): Promise<void> {
  await nextMessage(peer, 'request')
  const job = { name: 'job', script: Buffer.from(`#!/bin/sh\n${script}\n`), platform }
  const all = { allowsNetwork: false, memoryBytes: null, diskBytes: null, cpus: null, ...limits }
  await say(peer, { kind: 'run', uuid, job, timeoutSeconds: 100, limits: all })
}

/** Lines until `count` of them are there; each is acknowledged, unless `isSilent`. */
export async function takeLines(
  peer: Peer,
  uuid: string,
  first: number,
  count: number,
  isSilent = false,
): Promise<string[]> {
  const texts: string[] = []
  while (texts.length < count) {
    const message = await nextMessage(peer, 'lines')
    expect([message.uuid, message.first]).toEqual([uuid, first + texts.length])
    texts.push(...message.lines.map(({ text }) => Buffer.from(text).toString()))
    if (!isSilent) await say(peer, { kind: 'linesStored', uuid, count: first + texts.length })
  }
  return texts
}

export async function takeEnd(peer: Peer, uuid: string) {
  const ended = await nextMessage(peer, 'ended')
  expect(ended.uuid).toBe(uuid)
  const files: { path: string; mode: string; content: string }[] = []
  for (let n = 0; n < ended.fileCount; n++) {
    const { path, mode, sizeBytes } = await nextMessage(peer, 'file')
    const pieces: Uint8Array[] = []
    for (let bytes = 0; bytes < sizeBytes; bytes += pieces.at(-1)?.length ?? 0)
      pieces.push((await nextMessage(peer, 'bytes')).data)
    files.push({ path, mode: mode.toString(8), content: Buffer.concat(pieces).toString() })
  }
  return { ...ended, files }
}
