import { InvalidArgumentError, type Command } from 'commander'
import { predicateTypes } from '../formats/signing/statement.ts'
import { findSignedStatements, hashOfFile } from '../verify/verify-file.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'

const claims: Record<string, string> = {
  [predicateTypes.provenance]: 'a build has made it',
  [predicateTypes.verificationSummary]: 'another builder has made the same file from the same inputs',
  [predicateTypes.testResult]: 'a rebuild from the same inputs gave another file',
}

/** `hub verify-file` */
export function addVerifyFileCommand(hub: Command): void {
  addExamples(
    hub
      .command('verify-file')
      .argument('<file>', 'what was downloaded')
      .description(
        'check that a site has signed statements about a file. The exit status is 3 if it has not. This needs no data directory',
      )
      .requiredOption('--url <url>', 'address of the site', parseSite)
      .option('--key <key-id>', 'the key that you expect: 64 hexadecimal digits', parseKeyId)
      .option('--json', 'print JSON', false)
      .action(
        async (file: string, options: { url: string; key?: string; json: boolean }, command: Command) => {
          const sha256 = await hashOfFile(file)
          const found = await findSignedStatements(options.url, sha256, options.key ?? null)
          const { stdout } = ioOf(command)
          if (options.json)
            stdout.write(
              `${JSON.stringify({ sha256, statements: found.map(({ keyIds, logged, statement }) => ({ keyIds, logIndex: logged?.index ?? null, ...statement })) }, null, 2)}\n`,
            )
          else {
            stdout.write(`sha256 ${sha256}\n`)
            for (const { keyIds, logged, statement } of found)
              stdout.write(
                `signed by ${keyIds.join(', ')}: ${claims[statement.predicateType] ?? statement.predicateType}; ${logged ? `entry ${logged.index} of the log ${logged.checkpoint.origin}` : 'not in the log yet'}\n`,
              )
          }
          if (found.length === 0)
            throw new FoundProblemsError(
              options.key === undefined
                ? `${options.url} has signed nothing about ${file}: it is another file, or it was changed`
                : `the key ${options.key} has signed nothing about ${file} that ${options.url} has`,
            )
          if (options.key === undefined && !options.json)
            stdout.write(
              'compare the key with what you have seen before, and name it by --key the next time\n',
            )
        },
      ),
    ['hub verify-file hello.hvt --url https://builds.example.org --key 06e3fd8f…'],
  )
}

function parseSite(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('it must be an address, such as https://builds.example.org')
  return text.replace(/\/+$/, '')
}

function parseKeyId(text: string): string {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError('it must be 64 hexadecimal digits')
  return text.toLowerCase()
}
