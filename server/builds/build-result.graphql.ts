import { builder } from '../graphql/builder.ts'
import { messageLimitBytes } from './build-result.ts'
import { signalName } from './signal-name.ts'

type Exited = { code: bigint }
type Signalled = { signal: bigint }
type Stopped = { signal: bigint }
type Aborted = { message: string; messageSizeBytes: number }

const ExitedResult = builder.objectRef<Exited>('ExitedResult').implement({
  description: 'The script ended by itself.',
  fields: (t) => ({
    code: t.expose('code', { type: 'BigInt', description: 'Its exit status; 0 means success.' }),
  }),
})

const signalFields = {
  signal:
    "Number of the signal. Negative ones are OCaml's, as workers report them: -7 is SIGKILL; positive ones are Linux's.",
  name: 'Name of the signal, like `SIGKILL`; null when the number is unknown.',
}

const SignalledResult = builder.objectRef<Signalled>('SignalledResult').implement({
  description: 'A signal ended the script.',
  fields: (t) => ({
    signal: t.expose('signal', { type: 'BigInt', description: signalFields.signal }),
    name: t.string({
      nullable: true,
      description: signalFields.name,
      resolve: ({ signal }) => signalName(signal),
    }),
  }),
})

const StoppedResult = builder.objectRef<Stopped>('StoppedResult').implement({
  description: 'A signal stopped the script.',
  fields: (t) => ({
    signal: t.expose('signal', { type: 'BigInt', description: signalFields.signal }),
    name: t.string({
      nullable: true,
      description: signalFields.name,
      resolve: ({ signal }) => signalName(signal),
    }),
  }),
})

const AbortedResult = builder.objectRef<Aborted>('AbortedResult').implement({
  description: 'The build was aborted, for example because it took too long.',
  fields: (t) => ({
    message: t.exposeString('message', {
      description: `Reason that the worker or the server gave for aborting the build: at most ${messageLimitBytes} bytes. A longer message ends with \`…\`; the build record under \`/job/JOB/build/UUID/exec\` has the whole message.`,
    }),
    messageSizeBytes: t.exposeInt('messageSizeBytes', {
      description: 'Size of the whole message, in bytes.',
    }),
  }),
})

export const BuildResult = builder.unionType('BuildResult', {
  description: 'How a build ended.',
  types: [ExitedResult, SignalledResult, StoppedResult, AbortedResult],
  resolveType: (result) => ('kind' in result ? String(result.kind) : undefined),
})
