import { textOf } from '../admin/ActButton.tsx'
import type { RunLimitsInput } from '../gql/graphql.ts'
import { TextField } from '../ui/TextField.tsx'
import { numberIn } from './form-values.ts'
import { PolicyFields } from './PolicyFields.tsx'
import type { KnownSchedule } from './ScheduleFields.tsx'

const mebibyte = 2 ** 20

export function minutesIn(form: FormData): number | null {
  const minutes = numberIn(form, 'minutes')
  return minutes === null ? null : minutes * 60
}

/** What browsers let pass in a field for a number. */
const decimal = '\\s*[0-9]+([.][0-9]+)?\\s*'

/** An empty field: no limit. */
function limitIn(form: FormData, name: string, unit: number): number | null {
  const text = textOf(form, name).trim()
  return text === '' ? null : Number(text) * unit
}

const bytesIn = (form: FormData, name: string) => {
  const bytes = limitIn(form, name, mebibyte)
  return bytes === null ? null : Math.round(bytes)
}

export const limitsIn = (form: FormData): RunLimitsInput => ({
  allowsNetwork: form.has('network'),
  memoryBytes: bytesIn(form, 'memory'),
  diskBytes: bytesIn(form, 'disk'),
  cpus: limitIn(form, 'cpus', 1),
})

const inMebibytes = (bytes: number | null | undefined) => (bytes == null ? '' : bytes / mebibyte)

/** How long, how often and with what a job runs. All of it is in the form, also while it is folded. */
export function LimitFields({ known }: { known?: KnownSchedule }) {
  const { limits, reproduce } = known ?? {}
  return (
    <details>
      <summary className="cursor-pointer text-small text-quiet">Limits, priority, reproduction</summary>
      <div className="mt-2 space-y-2">
        <TextField
          name="minutes"
          label="Minutes that a try may take"
          inputMode="numeric"
          defaultValue={Math.ceil((known?.timeoutSeconds ?? 3_600) / 60)}
        />
        <TextField
          name="maxTries"
          label="Tries at most"
          inputMode="numeric"
          defaultValue={known?.maxTries ?? 3}
        />
        <TextField
          name="priority"
          label="Priority"
          defaultValue={known?.priority ?? 0}
          hint="-100 to 100: lower numbers run first."
        />
        <label className="flex items-center gap-2">
          <input type="checkbox" name="network" defaultChecked={limits?.allowsNetwork ?? true} />
          It reaches the network
        </label>
        <TextField
          name="memory"
          label="Memory, in MiB"
          inputMode="decimal"
          pattern={decimal}
          defaultValue={inMebibytes(limits?.memoryBytes)}
          hint="Of this and the next two: empty, no limit. builder-worker keeps to none of them."
        />
        <TextField
          name="disk"
          label="Disk, in MiB"
          inputMode="decimal"
          pattern={decimal}
          defaultValue={inMebibytes(limits?.diskBytes)}
        />
        <TextField
          name="cpus"
          label="Processors"
          inputMode="decimal"
          pattern={decimal}
          defaultValue={limits?.cpus ?? ''}
        />
        <PolicyFields known={reproduce ?? null} hint="Empty: as the policy of its section says, or once." />
      </div>
    </details>
  )
}
