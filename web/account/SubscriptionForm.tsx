import { useId } from 'react'
import { graphql } from '../gql/index.ts'
import type { Digest, SubscriptionInput, Transition } from '../gql/graphql.ts'
import { TextField } from '../ui/TextField.tsx'
import { ActForm, fieldOf } from './ActForm.tsx'
import {
  allDigests,
  allTransitions,
  digestWords,
  transitionWords,
  usualTransitions,
} from './subscription-words.ts'

export const SubscribeMutation = graphql(`
  mutation Subscribe($input: SubscriptionInput!) {
    subscribe(input: $input) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** Subscribes to jobs by their names. */
export function SubscriptionForm() {
  return (
    <ActForm
      label="New subscription"
      mutation={SubscribeMutation}
      variables={(form) => ({ input: inputOf(form) })}
      button="Subscribe"
      done="You are subscribed."
    >
      <SubscriptionFields
        choice={{ jobs: ['*'], platforms: null, events: usualTransitions, digest: 'INSTANT' }}
      />
    </ActForm>
  )
}

type Choice = {
  jobs: readonly string[]
  platforms: readonly string[] | null
  events: readonly Transition[]
  digest: Digest
}

/** What a subscription is, which `inputOf` reads. */
export function SubscriptionFields({ choice }: { choice: Choice }) {
  const id = useId()
  return (
    <>
      <TextField
        label="Jobs"
        name="jobs"
        defaultValue={choice.jobs.join(', ')}
        required
        hint="Names with commas between them. A * stands for any characters."
      />
      <TextField
        label="Platforms"
        name="platforms"
        defaultValue={choice.platforms?.join(', ')}
        hint="Empty: all."
      />
      <fieldset>
        <legend className="text-small text-quiet">Tell me of these changes</legend>
        {allTransitions.map((transition) => (
          <label key={transition} className="mr-4 inline-flex items-center gap-1.5 whitespace-nowrap">
            <input
              type="checkbox"
              name="events"
              value={transition}
              defaultChecked={choice.events.includes(transition)}
            />
            {transitionWords[transition]}
          </label>
        ))}
      </fieldset>
      <div>
        <label htmlFor={id} className="block text-small text-quiet">
          Mails come
        </label>
        <select
          id={id}
          name="digest"
          defaultValue={choice.digest}
          className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
        >
          {allDigests.map((digest) => (
            <option key={digest} value={digest}>
              {digestWords[digest]}
            </option>
          ))}
        </select>
      </div>
    </>
  )
}

export function inputOf(form: FormData): SubscriptionInput {
  const names = (field: string) =>
    fieldOf(form, field)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
  const platforms = names('platforms')
  return {
    jobs: names('jobs'),
    platforms: platforms.length > 0 ? platforms : null,
    events: allTransitions.filter((one: Transition) => form.getAll('events').includes(one)),
    digest: allDigests.find((one: Digest) => one === fieldOf(form, 'digest')) ?? 'INSTANT',
  }
}
