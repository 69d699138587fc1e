import type { Subscriber } from '../notifications/list-subscribers.ts'
import type { Choice } from '../notifications/subscription.ts'
import { visibleText } from '../visible-text.ts'

/** What `hub notifications list` prints of a user. */
export type PrintedSubscriber = Omit<Subscriber, 'subscriptions'> & {
  subscriptions: (Choice & { id: number })[]
}

/** A user with subscriptions as JSON has it. */
export function shownSubscriber(user: PrintedSubscriber): PrintedSubscriber {
  const { name, email, emailConfirmedAt, emailProblem, subscriptions } = user
  return {
    ...{ name, email, emailConfirmedAt, emailProblem },
    subscriptions: subscriptions.map(({ id, jobs, platforms, events, digest }) => ({
      ...{ id, jobs, platforms, events, digest },
    })),
  }
}

export function describeSubscriber(user: PrintedSubscriber): string {
  const { name, email, emailConfirmedAt, emailProblem, subscriptions } = user
  const state =
    emailProblem !== null
      ? `, refused: ${emailProblem}`
      : email !== null && emailConfirmedAt === null
        ? ', not confirmed'
        : ''
  const lines = [
    `${name}: ${email ?? 'no address'}${state}`,
    ...subscriptions.map(
      ({ jobs, platforms, events, digest }) =>
        `  ${jobs.join(', ')} on ${platforms?.join(', ') ?? 'all platforms'}: ${events.join(', ').toLowerCase()}; ${digest.toLowerCase()}`,
    ),
  ]
  return lines.map((line) => `${visibleText(line)}\n`).join('')
}
