import { Option, type Command } from 'commander'
import { readConfig } from '../config.ts'
import { eventTypeNames } from '../event-log/event-types.ts'
import type { WebhookEndpointId } from '../ids.ts'
import type { EndpointInput } from '../webhooks/checked-endpoint.ts'
import { BadWebhookError } from '../webhooks/endpoint-errors.ts'
import { endpointFormatNames } from '../webhooks/endpoint-format.ts'
import { eventSchema } from '../webhooks/event-schema.ts'
import { listEndpoints } from '../webhooks/list-endpoints.ts'
import {
  addEndpoint,
  removeEndpoint,
  rotateSecret,
  updateEndpoint,
  type ShownSecret,
} from '../webhooks/manage-endpoints.ts'
import { pingEndpoint } from '../webhooks/redeliver.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { parseNumber } from './parse-number.ts'
import { describeEndpoint, shownEndpoint } from './print-webhooks.ts'
import { onSite } from './remote/on-site.ts'
import {
  addWebhookAt,
  listWebhooksAt,
  removeWebhookAt,
  rotateSecretAt,
  testWebhookAt,
  updateWebhookAt,
} from './remote/webhooks.ts'
import { environmentOf } from './settings.ts'
import { addDeliveryCommands } from './webhook-deliveries.ts'

type EndpointOptions = {
  url?: string
  description?: string
  format?: string
  type?: string[]
  job?: string[]
  platform?: string[]
  section?: string[]
  result?: string[]
  verdict?: string[]
  accessTokenFrom?: string
}

const configOf = (command: Command) => readConfig(environmentOf(command))
const inCapitals = (value: string) => value.toUpperCase().replaceAll('-', '_')
/** Undefined: nothing was asked for; null: `all`. */
const orAll = (values: string[] | undefined, toValue = (value: string) => value) =>
  values?.includes('all') === true ? null : values?.map(toValue)

/** `hub webhooks …` */
export function addWebhookCommands(hub: Command): void {
  const webhooks = hub
    .command('webhooks')
    .description('manage addresses that are told of what happens, and see what was sent to them')
  addManaging(webhooks)
  addLooking(webhooks)
}

function addManaging(webhooks: Command): void {
  addExamples(
    withEndpointOptions(webhooks.command('add <url>'))
      .description('add an address, and print its secret: it is shown this once')
      .option('--ed25519', 'sign with a key pair, too, and print the public key', false)
      .action(async (url: string, options: EndpointOptions & { ed25519: boolean }, command: Command) => {
        const input = { ...inputOf(command, options), url, isAsymmetric: options.ed25519 }
        const added = await onSite(command, {
          remote: (site) => addWebhookAt(site, input),
          local: ({ writer }) => addEndpoint({ writer, config: configOf(command) }, actOfCommand(), input),
        })
        showSecret(command, added, `webhook ${added.id} gets what happens from now on`)
      }),
    [
      'hub webhooks add https://ci.example.org/hook',
      'hub webhooks add https://chat.example.org/hooks/abc --format slack --type build.newly_failing build.fixed',
      'hub webhooks add https://ci.example.org/hook --job "web*" --platform debian-12 --result failed',
    ],
  )
  addExamples(
    withEndpointOptions(webhooks.command('update').argument('<webhook>', 'its number', parseNumber))
      .description('change an address or its filters; what is not named stays')
      .option('--url <url>', 'another address')
      .addOption(new Option('--enable', 'send to it what happens from now on').conflicts('disable'))
      .option('--disable', 'send nothing to it')
      .action(
        async (
          id: WebhookEndpointId,
          options: EndpointOptions & { enable?: true; disable?: true },
          command: Command,
        ) => {
          const state = options.enable
            ? { state: 'ENABLED' as const }
            : options.disable
              ? { state: 'DISABLED' as const }
              : {}
          const input = { ...inputOf(command, options), ...state }
          await onSite<unknown>(command, {
            remote: (site) => updateWebhookAt(site, id, input),
            local: ({ writer }) =>
              updateEndpoint({ writer, config: configOf(command) }, actOfCommand(), id, input),
          })
          ioOf(command).stdout.write(`webhook ${id} is as asked for\n`)
        },
      ),
    ['hub webhooks update 3 --disable', 'hub webhooks update 3 --enable --type build.failed'],
  )
  webhooks
    .command('remove')
    .argument('<webhook>', 'its number', parseNumber)
    .description('remove an address, and the log of what was sent to it')
    .action(async (id: WebhookEndpointId, _options: unknown, command: Command) => {
      await onSite(command, {
        remote: (site) => removeWebhookAt(site, id),
        local: ({ writer }) => removeEndpoint({ writer }, actOfCommand(), id),
      })
      ioOf(command).stdout.write(`webhook ${id} is removed\n`)
    })
  addExamples(
    webhooks
      .command('rotate-secret')
      .argument('<webhook>', 'its number', parseNumber)
      .description('give an address a new secret, and print it: requests have signatures with both for a day')
      .option(
        '--now',
        'let only the new one count at once: the one before is known to others, or lost',
        false,
      )
      .action(async (id: WebhookEndpointId, { now: isAtOnce }: { now: boolean }, command: Command) => {
        const rotated = await onSite(command, {
          remote: (site) => rotateSecretAt(site, id, isAtOnce),
          local: ({ writer }) =>
            rotateSecret({ writer, config: configOf(command) }, actOfCommand(), id, { isAtOnce }),
        })
        const until = isAtOnce
          ? 'the secret before counts no longer'
          : 'the secret before counts for a day, too'
        showSecret(command, rotated, until)
      }),
    ['hub webhooks rotate-secret 3'],
  )
}

function addLooking(webhooks: Command): void {
  webhooks
    .command('list')
    .description('print all addresses, what they get, and whether they fail')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const webhooks = await onSite(command, {
        remote: listWebhooksAt,
        local: ({ db }) => listEndpoints(db, new Date()),
      })
      ioOf(command).stdout.write(
        json ? jsonText(webhooks.map(shownEndpoint)) : webhooks.map(describeEndpoint).join(''),
      )
    })
  webhooks
    .command('test')
    .argument('<webhook>', 'its number', parseNumber)
    .description('send a ping to an address; the server that runs sends it')
    .action(async (id: WebhookEndpointId, _options: unknown, command: Command) => {
      const delivery = await onSite<number>(command, {
        remote: (site) => testWebhookAt(site, id),
        local: ({ writer }) => pingEndpoint({ writer }, actOfCommand(), id),
      })
      ioOf(command).stdout.write(
        `delivery ${delivery} waits: "hub webhooks show ${delivery}" tells how it went\n`,
      )
    })
  addDeliveryCommands(webhooks)
  webhooks
    .command('schema')
    .description('print the JSON Schema of what is sent')
    .action((_options: unknown, command: Command) => {
      ioOf(command).stdout.write(`${JSON.stringify(eventSchema, null, 2)}\n`)
    })
}

const withEndpointOptions = (command: Command) =>
  command
    .option('--description <text>', 'what it is, for people')
    .addOption(
      new Option('--format <format>', 'what it gets').choices(
        endpointFormatNames.map((one) => one.toLowerCase()),
      ),
    )
    .addOption(
      new Option('--type <types...>', 'only these types of events; all: all').choices([
        ...eventTypeNames,
        'all',
      ]),
    )
    .option('--job <patterns...>', 'only builds of these jobs; * stands for any characters')
    .option('--platform <names...>', 'only builds on these platforms; all: all')
    .option('--section <names...>', 'only builds of jobs in these sections; all: all')
    .addOption(
      new Option('--result <results...>', 'only builds with these results; all: all').choices([
        'succeeded',
        'failed',
        'all',
      ]),
    )
    .addOption(
      new Option('--verdict <verdicts...>', 'only builds with these verdicts; all: all').choices([
        'reproduced',
        'not-reproducible',
        'unconfirmed',
        'no-output',
        'all',
      ]),
    )
    .option(
      '--access-token-from <variable>',
      'environment variable with what the receiver wants as "Authorization: Bearer"; empty: nothing',
    )

function inputOf(command: Command, options: EndpointOptions): EndpointInput {
  const { url, description, format, type, job, platform, section, result, verdict, accessTokenFrom } = options
  const filters = {
    ...{ jobs: job, platforms: orAll(platform), sections: orAll(section) },
    ...{ results: orAll(result, inCapitals), verdicts: orAll(verdict, inCapitals) },
  }
  const filter = Object.fromEntries(Object.entries(filters).filter(([, values]) => values !== undefined))
  return {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format: format.toUpperCase() }),
    ...(type === undefined ? {} : { types: orAll(type) ?? null }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    ...(accessTokenFrom === undefined ? {} : { accessToken: tokenIn(command, accessTokenFrom) }),
  }
}

function tokenIn(command: Command, variable: string): string {
  const token = ioOf(command).env[variable]
  if (token === undefined)
    throw new BadWebhookError(`there is no environment variable ${variable}: it has the access token`)
  return token
}

function showSecret(command: Command, { secret, publicKey }: ShownSecret, note: string): void {
  const { stdout, stderr } = ioOf(command)
  stdout.write(`${secret}\n${publicKey === null ? '' : `${publicKey}\n`}`)
  stderr.write(`${note}; the secret is not shown again\n`)
}
