import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { counted } from '../counted.ts'
import { armored, fingerprintOf, publicKeyOf } from '../formats/openpgp.ts'
import { findRepository, listPackages, listRepositories } from '../repositories/list-repositories.ts'
import { rebuildRepositories, rotateKeys } from '../repositories/rebuild-repositories.ts'
import {
  existingRepositoryKeys,
  rsaFingerprint,
  type RepositoryKeys,
} from '../repositories/repository-keys.ts'
import { setupSteps } from '../repositories/setup-steps.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { shownRepository, type PrintedRepository } from './print-repositories.ts'
import { describeRepository, repositoryJson, type ShownRepository } from './print-repository.ts'
import { onSite } from './remote/on-site.ts'
import { listRepositoriesAt, rebuildRepositoriesAt, showRepositoryAt } from './remote/repositories.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

/** `hub repositories`: list, show, rebuild, key, rotate-key. */
export function addRepositoryCommands(hub: Command): void {
  const repositories = hub
    .command('repositories')
    .description('show or rebuild the package repositories for apt and pkg, and their keys')
  addList(repositories)
  addShow(repositories)
  repositories
    .command('rebuild')
    .description('let the server read all packages anew, and publish all repositories')
    .action(async (_options: unknown, command: Command) => {
      await onSite<unknown>(command, {
        remote: rebuildRepositoriesAt,
        local: ({ writer }) =>
          rebuildRepositories({ config: readConfig(environmentOf(command)), writer }, actOfCommand()),
      })
      ioOf(command).stdout.write('the repositories are published anew as soon as a server runs\n')
    })
  repositories
    .command('key')
    .description('print the public OpenPGP keys, and the fingerprints of all keys')
    .action((_options: unknown, command: Command) => {
      const keys = existingRepositoryKeys(readConfig(environmentOf(command)).dataDir)
      if (!keys)
        return command.error('error: there is no key yet: the server makes it when it first publishes')
      ioOf(command).stdout.write(armored('PUBLIC KEY BLOCK', Buffer.concat(keys.openpgp.map(publicKeyOf))))
      ioOf(command).stderr.write(fingerprints(keys))
    })
  addRotateKey(repositories)
}

function addList(repositories: Command): void {
  repositories
    .command('list')
    .description('print the repositories that are published')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const found = await onSite<PrintedRepository[]>(command, {
        remote: listRepositoriesAt,
        local: ({ db }) => listRepositories(db),
      })
      const lines = found.map(({ name, packageCount, publishedAt, shadowedCount, unreadableCount }) =>
        [
          `${name}: ${counted(packageCount, 'package')}, published ${publishedAt.toISOString()}`,
          ...(shadowedCount > 0 ? [`${shadowedCount} with the version of a newer one`] : []),
          ...(unreadableCount > 0 ? [`${unreadableCount} unreadable`] : []),
        ].join(', '),
      )
      const text = lines.length > 0 ? `${lines.join('\n')}\n` : 'no repository is published\n'
      ioOf(command).stdout.write(json ? jsonText(found.map(shownRepository)) : text)
    })
}

function addShow(repositories: Command): void {
  addExamples(
    repositories
      .command('show')
      .argument('<name>', 'its name, such as apt/debian-12')
      .description('print how a machine is told of a repository, its packages, and what is not published')
      .option('--json', 'print JSON', false)
      .action(async (name: string, { json }: { json: boolean }, command: Command) => {
        const found = await onSite<ShownRepository | null>(command, {
          remote: (site) => showRepositoryAt(site, name),
          async local({ db }) {
            const { host, port, publicUrl } = readConfig(environmentOf(command))
            const repository = await findRepository(db, name)
            if (!repository) return null
            const packages = await listPackages(db, name, { limit: Number.MAX_SAFE_INTEGER })
            return {
              ...{ ...repository, setup: setupSteps(repository, publicUrl || `http://${host}:${port}`) },
              packages: packages.map((one) => ({ ...one, sizeBytes: Number(one.sizeBytes) })),
            }
          },
        })
        if (!found) return command.error(`error: there is no repository ${name}: see "hub repositories list"`)
        ioOf(command).stdout.write(json ? repositoryJson(found) : describeRepository(found))
      }),
    ['hub repositories show apt/debian-12'],
  )
}

function addRotateKey(repositories: Command): void {
  addExamples(
    repositories
      .command('rotate-key')
      .description('make new keys, which sign beside the old ones until the rotation is finished')
      .option('--finish', 'forget the old keys: whoever has not fetched the new one is locked out', false)
      .action(async ({ finish }: { finish: boolean }, command: Command) => {
        const config = readConfig(environmentOf(command))
        await withDatabase(command, async ({ writer }) => {
          const keys = await rotateKeys({ config, writer }, actOfCommand(), finish)
          ioOf(command).stdout.write(fingerprints(keys))
        })
      }),
    ['hub repositories rotate-key', 'hub repositories rotate-key --finish'],
  )
}

const fingerprints = ({ openpgp, rsa }: RepositoryKeys) =>
  [
    ...openpgp.map((key) => `OpenPGP key ${fingerprintOf(key)}`),
    ...rsa.map((key) => `RSA key of pkg ${rsaFingerprint(key)}`),
    '',
  ].join('\n')
