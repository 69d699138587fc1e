import { commandNumbers } from './builder-commands.ts'
import { takeScriptJob } from './builder-command-decoder.ts'
import { encodeCommand, integerPart, nullPart, scriptJobPart, uuidPart } from './builder-command-encoder.ts'
import {
  inSequence,
  listOf,
  takeBoolean,
  takeInteger,
  takeName,
  takeNull,
  takeOctets,
  takeResult,
  takeText,
  takeUuid,
  takeWhole,
} from './der-fields.ts'
import { DerReader } from './der.ts'
import { derTags, type DerValue, malformed } from './der-header.ts'
import { bytes, joined, type Part, raw, tagged, text } from './der-parts.ts'
import { encodeResult } from './exec-values.ts'
import { type ExtensionMessage, extensionVersion, messageNumbers } from './worker-messages.ts'

export * from './worker-messages.ts'

/**
 * Messages between the hub and its own workers, in frames of builder's protocol: Extension ::= [30] CHOICE, EXPLICIT.
 * docs/worker-protocol.md says in which order they come.
 */

type Kind = ExtensionMessage['kind']

const { boolean, octetString, utf8String, sequence, explicit } = derTags

/** The identifier octet of the frames of these messages. */
export const extensionTag = explicit(commandNumbers.extension)

/** The hello of a worker or client that speaks this protocol, without the length of the frame. */
export function encodeExtensionHello(peer: 'client' | 'worker'): Uint8Array {
  return encodeCommand({ kind: 'clientHello', peer, version: BigInt(extensionVersion) })
}

/** The octets of a message, without the length of the frame. */
export function encodeMessage(message: ExtensionMessage): Uint8Array {
  return joined(tagged(extensionTag, [tagged(explicit(messageNumbers[message.kind]), [bodyOf(message)])]))
}

/** A message, header and content, without the length of the frame. Contents are views into `octets`. Throws MalformedError. */
export function decodeMessage(octets: Uint8Array): ExtensionMessage {
  const der = DerReader.over(octets, 'message of a worker')
  const outer = der.open(der.input, 'the message', extensionTag)
  const { tag } = der.peek(outer, 'the message')
  const choice = der.open(outer, 'the message', tag)
  const decode = decoders.get(tag)
  if (!decode) throw malformed(choice, `has the number ${tag - explicit(0)}, which no message has`)
  const message = decode(der, choice)
  der.close(choice)
  der.close(outer)
  der.closeInput('message')
  return message
}

function bodyOf(message: ExtensionMessage): Part {
  switch (message.kind) {
    case 'request':
    case 'ping':
    case 'pong':
    case 'leaving':
      return nullPart
    case 'bytes':
      return bytes(octetString, message.data)
    case 'authorization':
      return text(message.token)
    case 'introduction':
      return tagged(sequence, [
        text(message.name),
        text(message.platform),
        integerPart(message.slot),
        integerPart(message.slots),
        text(message.software),
        text(message.token),
      ])
    case 'welcome':
      return tagged(sequence, [integerPart(message.heartbeatSeconds)])
    case 'run':
      return runPart(message)
    case 'lines':
      return tagged(sequence, [
        uuidPart(message.uuid),
        integerPart(message.first),
        tagged(
          sequence,
          message.lines.map((line) =>
            tagged(sequence, [integerPart(line.deltaNs), bytes(utf8String, line.text)]),
          ),
        ),
      ])
    case 'linesStored':
      return tagged(sequence, [uuidPart(message.uuid), integerPart(message.count)])
    case 'resume':
    case 'stored':
      return tagged(sequence, [uuidPart(message.uuid)])
    case 'resumed':
      return tagged(sequence, [uuidPart(message.uuid), integerPart(message.lineCount)])
    case 'file':
      return tagged(sequence, [
        uuidPart(message.uuid),
        text(message.path),
        integerPart(message.mode),
        integerPart(message.sizeBytes),
      ])
    case 'ended':
      return tagged(sequence, [
        uuidPart(message.uuid),
        raw(encodeResult(message.result)),
        text(message.detail),
        integerPart(message.fileCount),
      ])
    case 'refused':
    case 'cancel':
      return tagged(sequence, [uuidPart(message.uuid), text(message.reason)])
  }
}

function runPart({ uuid, job, timeoutSeconds, limits }: ExtensionMessage & { kind: 'run' }): Part {
  return tagged(sequence, [
    uuidPart(uuid),
    scriptJobPart(job),
    integerPart(timeoutSeconds),
    bytes(boolean, Uint8Array.of(limits.allowsNetwork ? 0xff : 0)),
    integerPart(limits.memoryBytes ?? 0),
    integerPart(limits.diskBytes ?? 0),
    integerPart(Math.round((limits.cpus ?? 0) * 1_000)),
  ])
}

type Decode = (der: DerReader, parent: DerValue) => ExtensionMessage

const decoders: ReadonlyMap<number, Decode> = new Map(
  Object.entries<Decode>({
    introduction: fields((der, body) => ({
      kind: 'introduction',
      name: takeName(der, body, 'name of the worker'),
      platform: takeName(der, body, 'platform name'),
      slot: takeWhole(der, body, 'slot'),
      slots: takeWhole(der, body, 'number of slots'),
      software: takeName(der, body, 'software'),
      token: takeName(der, body, 'token'),
    })),
    welcome: fields((der, body) => ({
      kind: 'welcome',
      heartbeatSeconds: takeWhole(der, body, 'heartbeat'),
    })),
    request: nothing({ kind: 'request' }),
    run: fields((der, body) => ({
      kind: 'run',
      uuid: takeUuid(der, body),
      job: takeScriptJob(der, body),
      timeoutSeconds: takeWhole(der, body, 'time limit'),
      limits: {
        allowsNetwork: takeBoolean(der, body, 'network'),
        memoryBytes: takeWhole(der, body, 'memory') || null,
        diskBytes: takeWhole(der, body, 'disk') || null,
        cpus: takeWhole(der, body, 'processors') / 1_000 || null,
      },
    })),
    lines: fields((der, body) => ({
      kind: 'lines',
      uuid: takeUuid(der, body),
      first: takeWhole(der, body, 'number of the first line'),
      lines: listOf(der, body, 'lines', (list) =>
        inSequence(der, list, 'a line', (line) => ({
          deltaNs: takeInteger(der, line, 'time of a line'),
          text: takeText(der, line, 'text of a line'),
        })),
      ),
    })),
    linesStored: fields((der, body) => ({
      kind: 'linesStored',
      uuid: takeUuid(der, body),
      count: takeWhole(der, body, 'number of lines'),
    })),
    resume: fields((der, body) => ({ kind: 'resume', uuid: takeUuid(der, body) })),
    resumed: fields((der, body) => ({
      kind: 'resumed',
      uuid: takeUuid(der, body),
      lineCount: takeWhole(der, body, 'number of lines'),
    })),
    file: fields((der, body) => ({
      kind: 'file',
      uuid: takeUuid(der, body),
      path: takeName(der, body, 'path'),
      mode: takeWhole(der, body, 'mode'),
      sizeBytes: takeWhole(der, body, 'size'),
    })),
    bytes: (der, choice) => ({ kind: 'bytes', data: takeOctets(der, choice, 'bytes of a file') }),
    ended: fields((der, body) => ({
      kind: 'ended',
      uuid: takeUuid(der, body),
      result: takeResult(der, body),
      detail: takeName(der, body, 'detail'),
      fileCount: takeWhole(der, body, 'number of files'),
    })),
    refused: fields((der, body) => ({
      kind: 'refused',
      uuid: takeUuid(der, body),
      reason: takeName(der, body, 'reason'),
    })),
    stored: fields((der, body) => ({ kind: 'stored', uuid: takeUuid(der, body) })),
    cancel: fields((der, body) => ({
      kind: 'cancel',
      uuid: takeUuid(der, body),
      reason: takeName(der, body, 'reason'),
    })),
    ping: nothing({ kind: 'ping' }),
    pong: nothing({ kind: 'pong' }),
    leaving: nothing({ kind: 'leaving' }),
    authorization: (der, choice) => ({ kind: 'authorization', token: takeName(der, choice, 'token') }),
  } satisfies Record<Kind, Decode>).map(([kind, decode]) => [explicit(messageNumbers[kind as Kind]), decode]),
)

function fields(decode: Decode): Decode {
  return (der, choice) => inSequence(der, choice, 'the body', (body) => decode(der, body))
}

function nothing(message: ExtensionMessage): Decode {
  return (der, choice) => {
    takeNull(der, choice, 'the body')
    return message
  }
}
