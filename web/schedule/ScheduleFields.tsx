import { useId, useState } from 'react'
import { textOf } from '../admin/ActButton.tsx'
import type {
  ScheduleJobMutationVariables as Sent,
  SchedulePageOfJobQuery,
  SchedulePeriod,
  WorkKind,
} from '../gql/graphql.ts'
import { TextField } from '../ui/TextField.tsx'
import { numberIn, wordsIn } from './form-values.ts'
import { LimitFields, limitsIn, minutesIn } from './LimitFields.tsx'
import { policyIn } from './PolicyFields.tsx'
import { NextTimes } from './NextTimes.tsx'
import { periods } from './period-words.ts'
import { TextArea } from './TextArea.tsx'

export type KnownSchedule = NonNullable<SchedulePageOfJobQuery['schedule']>

const isPeriod = (text: string): text is SchedulePeriod => Object.hasOwn(periods, text)

/** What the fields of a schedule say. */
export function readScheduleForm(form: FormData): Pick<Sent, 'work' | 'options'> {
  const period = textOf(form, 'period')
  const work =
    textOf(form, 'kind') === 'SCRIPT'
      ? {
          script: {
            platform: textOf(form, 'platform'),
            script: textOf(form, 'script').replaceAll('\r\n', '\n'),
          },
        }
      : {
          opamPackage: {
            name: textOf(form, 'opamPackage'),
            platforms: form.has('platforms') ? orAll(wordsIn(textOf(form, 'platforms'))) : null,
          },
        }
  return {
    work,
    options: {
      period: isPeriod(period) ? period : null,
      ...(period === 'CRON'
        ? { cron: textOf(form, 'cron'), timeZone: textOf(form, 'timeZone') || 'UTC' }
        : {}),
      priority: numberIn(form, 'priority'),
      timeoutSeconds: minutesIn(form),
      maxTries: numberIn(form, 'maxTries'),
      limits: limitsIn(form),
      reproduce: policyIn(form),
    },
  }
}

const orAll = (names: string[]) => (names.length > 0 ? names : null)

/** What is built, and when. `known`: the schedule that is edited. */
export function ScheduleFields({ known }: { known?: KnownSchedule }) {
  const [kind, setKind] = useState<WorkKind>(known?.kind ?? 'SCRIPT')
  const [period, setPeriod] = useState<SchedulePeriod>(known?.period ?? 'DAILY')
  const [cron, setCron] = useState(known?.cron ?? '30 4 * * *')
  const [timeZone, setTimeZone] = useState(known?.timeZone ?? 'UTC')
  return (
    <>
      <Choice
        name="kind"
        label="Builds"
        value={kind}
        options={{ SCRIPT: 'a script', OPAM_PACKAGE: 'an opam package, by templates' }}
        onChange={setKind}
      />
      {kind === 'SCRIPT' ? (
        <ScriptFields {...(known ? { known } : {})} />
      ) : (
        <>
          <TextField
            name="opamPackage"
            label="Opam package"
            required
            defaultValue={known?.opamPackage ?? ''}
          />
          <TextField
            name="platforms"
            label="Platforms"
            defaultValue={known?.kind === 'OPAM_PACKAGE' ? (known.platforms ?? []).join(' ') : ''}
            hint="Empty: all that have a template."
          />
        </>
      )}
      <Choice name="period" label="When" value={period} options={periods} onChange={setPeriod} />
      {period === 'CRON' && (
        <>
          <TextField
            name="cron"
            label="Cron expression"
            required
            value={cron}
            onChange={(event) => setCron(event.target.value)}
            hint="Minute, hour, day of the month, month, day of the week."
          />
          <TextField
            name="timeZone"
            label="Time zone"
            value={timeZone}
            onChange={(event) => setTimeZone(event.target.value)}
          />
        </>
      )}
      <NextTimes period={period} cron={cron} timeZone={timeZone} />
      <LimitFields {...(known ? { known } : {})} />
    </>
  )
}

function ScriptFields({ known }: { known?: KnownSchedule }) {
  const isText = known?.kind !== 'SCRIPT' || known.script !== null
  if (!isText)
    return <p className="text-quiet">The script is not text in UTF-8: “hub schedule update” changes it.</p>
  return (
    <>
      <TextField
        name="platform"
        label="Platform"
        required
        defaultValue={known?.kind === 'SCRIPT' ? (known.platforms?.[0] ?? '') : ''}
      />
      <TextArea
        name="script"
        label="Script"
        required
        defaultValue={known?.script ?? '#!/bin/sh\nset -ex\n'}
        hint="It runs in an empty folder; the files that it leaves there are the build. It is shown with the build: no secrets."
      />
    </>
  )
}

function Choice<Value extends string>(props: {
  name: string
  label: string
  value: Value
  options: Record<Value, string>
  onChange: (value: Value) => void
}) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="block text-small text-quiet">
        {props.label}
      </label>
      <select
        id={id}
        name={props.name}
        value={props.value}
        className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
        onChange={(event) => props.onChange(event.target.value as Value)}
      >
        {Object.entries<string>(props.options).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  )
}
