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
  | { kind: 'AbortedResult'; message: string }

/** The result of a build, from its row. */
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
      return { kind: 'AbortedResult', message: new TextDecoder().decode(resultMessage ?? undefined) }
    default:
      throw new Error(`build ${uuid} has a result of unknown kind ${resultKind}`)
  }
}
