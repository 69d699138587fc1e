import { Option, type Command } from 'commander'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'
import { DeliveryNotFoundError } from '../webhooks/endpoint-errors.ts'
import {
  deliveryStates,
  findDeliveries,
  findDelivery,
  type DeliveryState,
} from '../webhooks/list-deliveries.ts'
import { redeliver } from '../webhooks/redeliver.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { jsonText } from './json-text.ts'
import { parseNumber } from './parse-number.ts'
import {
  describeAttempt,
  describeDelivery,
  shownAttempt,
  shownDelivery,
  toPrintedAttempt,
  toPrintedDelivery,
} from './print-webhooks.ts'
import { listDeliveriesAt, noDelivery, redeliverAt, showDeliveryAt } from './remote/deliveries.ts'
import { onSite } from './remote/on-site.ts'

type ListOptions = { webhook?: number; state?: string; limit: number; json: boolean }

/** `hub webhooks deliveries`, `show` and `retry`. `webhooks`: the command that they become parts of. */
export function addDeliveryCommands(webhooks: Command): void {
  webhooks
    .command('deliveries')
    .description('print what was sent and what waits, the newest first')
    .option('--webhook <webhook>', 'only to this address', parseNumber)
    .addOption(
      new Option('--state <state>', 'only in this state').choices(
        deliveryStates.map((one) => one.toLowerCase()),
      ),
    )
    .option('--limit <number>', 'at most so many', parseNumber, 50)
    .option('--json', 'print JSON', false)
    .action(async (options: ListOptions, command: Command) => {
      const { webhook, limit, json } = options
      const state = (options.state?.toUpperCase() ?? null) as DeliveryState | null
      const deliveries = await onSite(command, {
        remote: (site) => listDeliveriesAt(site, { webhook: webhook ?? null, state }, limit),
        async local({ db }) {
          const filter = {
            ...(webhook === undefined ? {} : { endpointId: webhook as WebhookEndpointId }),
            ...(state === null ? {} : { state }),
          }
          const found = await findDeliveries(db, filter, { orderBy: { id: 'desc' }, take: limit })
          return found.map(toPrintedDelivery)
        },
      })
      ioOf(command).stdout.write(
        json ? jsonText(deliveries.map(shownDelivery)) : deliveries.map(describeDelivery).join(''),
      )
    })
  webhooks
    .command('show')
    .argument('<delivery>', 'its number', parseNumber)
    .description('print a delivery with each attempt: request, answer, and how long it took')
    .option('--json', 'print JSON', false)
    .action(async (id: WebhookDeliveryId, { json }: { json: boolean }, command: Command) => {
      const { delivery, attempts } = await onSite(command, {
        remote: (site) => showDeliveryAt(site, id),
        async local({ db }) {
          const found = await findDelivery(db, id)
          if (!found) throw new DeliveryNotFoundError(noDelivery(id))
          return { delivery: toPrintedDelivery(found), attempts: found.tries.map(toPrintedAttempt) }
        },
      })
      ioOf(command).stdout.write(
        json
          ? jsonText({ ...shownDelivery(delivery), tries: attempts.map(shownAttempt) })
          : `${describeDelivery(delivery)}${attempts.map(describeAttempt).join('')}`,
      )
    })
  webhooks
    .command('retry')
    .argument('<delivery>', 'its number', parseNumber)
    .description('send an event again, with the id that it had')
    .action(async (id: WebhookDeliveryId, _options: unknown, command: Command) => {
      await onSite(command, {
        remote: (site) => redeliverAt(site, id),
        local: ({ writer }) => redeliver({ writer }, actOfCommand(), id),
      })
      ioOf(command).stdout.write(`delivery ${id} waits\n`)
    })
}
