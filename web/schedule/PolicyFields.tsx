import { textOf } from '../admin/ActButton.tsx'
import type { ReproducePolicyInput } from '../gql/graphql.ts'
import { TextField } from '../ui/TextField.tsx'
import { numberIn, wordsIn } from './form-values.ts'
import type { Policy } from './policy-words.ts'

/** What a form says of how often outputs are built; null: nothing. */
export function policyIn(form: FormData): ReproducePolicyInput | null {
  const times = numberIn(form, 'times')
  if (times === null) return null
  const names = wordsIn(textOf(form, 'repeatOn'))
  const isAll = names.length === 1 && names[0] === 'all'
  return {
    times,
    onAllPlatforms: isAll,
    platforms: isAll ? [] : names,
    within: textOf(form, 'within').trim() || null,
  }
}

/** How often each output is built, where, and until when. `hint`: what an empty number means; absent: it is required. */
export function PolicyFields({ known, hint }: { known: Policy | null; hint?: string }) {
  const repeatOn = known?.platforms?.join(' ') ?? (known?.anyPlatform === false ? 'all' : '')
  return (
    <>
      <TextField
        name="times"
        label="Build each output so often"
        inputMode="numeric"
        required={hint === undefined}
        defaultValue={known?.times ?? (hint === undefined ? 2 : '')}
        hint={`2 to 10: its inputs are built again, on another worker if there is one. 1: once.${hint === undefined ? '' : ` ${hint}`}`}
      />
      <TextField
        name="repeatOn"
        label="Repeat it on"
        defaultValue={repeatOn}
        hint="Names of platforms, or “all” that it is built on. Empty: any with a worker."
      />
      <TextField
        name="within"
        label="Repeat it within"
        defaultValue={known?.within ?? '7d'}
        hint="Such as 12h or 7d: later, it is not worth it."
      />
    </>
  )
}
