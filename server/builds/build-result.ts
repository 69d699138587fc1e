type ResultColumns = {
  uuid: string
  resultKind: string
  resultCode: bigint | null
  resultMessage: Uint8Array | null
}

/** How a build's script ended; `kind` is the name of the type in the API. */
export type BuildResult =
  | { kind: 'ExitedResult'; code: bigint }
  | { kind: 'SignalledResult' | 'StoppedResult'; signal: bigint }
  | { kind: 'AbortedResult'; message: string; messageSizeBytes: number }

/** A record may hold a message of any length, and lists show many: this is what they show of one. */
export const messageLimitBytes = 4096

/** The result of a build, from its row. `message` is cut after `messageLimitBytes`, `messageSizeBytes` is the whole. */
export function buildResultOf({ uuid, resultKind, resultCode, resultMessage }: ResultColumns): BuildResult {
  const code = resultCode ?? 0n
  switch (resultKind) {
    case 'EXITED':
      return { kind: 'ExitedResult', code }
    case 'SIGNALLED':
      return { kind: 'SignalledResult', signal: code }
    case 'STOPPED':
      return { kind: 'StoppedResult', signal: code }
    case 'ABORTED':
      return abortedResult(resultMessage ?? new Uint8Array())
    default:
      throw new Error(`build ${uuid} has a result of unknown kind ${resultKind}`)
  }
}

function abortedResult(message: Uint8Array): BuildResult {
  const isCut = message.length > messageLimitBytes
  // With `stream`, a character that the limit divides is left out.
  const text = new TextDecoder().decode(message.subarray(0, messageLimitBytes), { stream: isCut })
  return {
    kind: 'AbortedResult',
    message: isCut ? `${text} …` : text,
    messageSizeBytes: message.length,
  }
}
