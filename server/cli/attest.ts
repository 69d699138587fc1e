import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { isOutput } from '../attestations/build-facts.ts'
import { inputIdOf } from '../builds/artifact-roles.ts'
import { attesterId, ownBuildType } from '../attesters/own-statement.ts'
import { possessionType, printPossession } from '../attesters/register-key.ts'
import { printEnvelope, statementPayloadType } from '../formats/signing/dsse.ts'
import { keyIdOf, publicPem, signEnvelope } from '../formats/signing/keys.ts'
import { predicateTypes, printStatement } from '../formats/signing/statement.ts'
import { readExecRecord, type ExecFacts } from '../formats/exec-record.ts'
import { hashOfFile } from '../verify/verify-file.ts'
import { printTime } from '../signing/print-time.ts'
import { DomainError } from '../errors.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { tokenOf } from './remote/remote-site.ts'

/** A site has refused, or the key or the record cannot be used. */
class AttestError extends DomainError {
  override readonly name = 'AttestError'
}

type Options = { key: string; url: string; token?: string; record?: string; print: boolean }

/** `hub attest`: sign what one's own builds made, so that the vote does not depend on the honesty of the site. */
export function addAttestCommands(hub: Command): void {
  const attest = addExamples(
    hub
      .command('attest')
      .argument('[files...]', 'files that your build made')
      .description(
        'sign that a build of yours made these files, and send the statement to a site. This needs no data directory',
      )
      .option('--key <file>', 'your private key in PEM: Ed25519 or P-256, for you alone')
      .option('--url <url>', 'address of the site', parseSite)
      .option(
        '--record <file>',
        'a build record, as builder-worker sends it: its outputs and inputs are stated',
      )
      .option('--print', 'print the statement, and send nothing', false)
      .action(async (files: string[], options: Partial<Options>, command: Command) => {
        const { key } = options
        const url = siteOf(command)
        if (key === undefined) command.error('error: name your private key by --key')
        if (url === undefined && !options.print) command.error('error: name the site by --url')
        if (files.length === 0 && options.record === undefined)
          command.error('error: name files, or a record by --record')
        const statement =
          options.record === undefined ? await statementOf(files) : await statementOfRecord(options.record)
        const envelope = signEnvelope(readKey(key), statementPayloadType, printStatement(statement))
        const text = printEnvelope(envelope)
        const { stdout } = ioOf(command)
        if (options.print || url === undefined) {
          stdout.write(`${text}\n`)
          return
        }
        const response = await fetch(`${url}/attestations`, { method: 'POST', body: text })
        const answer = (await response.text()).trim()
        if (!response.ok) throw new AttestError(`${url} answers ${response.status}: ${answer}`)
        stdout.write(`${answer}\n${url}${response.headers.get('location') ?? ''}\n`)
      }),
    [
      'openssl genpkey -algorithm ed25519 -out attest.pem',
      'hub attest --key attest.pem --url https://builds.example.org hello.hvt',
      'hub attest --key attest.pem --url https://builds.example.org --record full.der',
    ],
  )
  addRegister(attest)
}

/** The site that `--url` names, or `--hub`. */
function siteOf(command: Command): string | undefined {
  const { hub, url } = command.optsWithGlobals<{ hub?: string; url?: string }>()
  return url ?? hub
}

function addRegister(attest: Command): void {
  addExamples(
    attest
      .command('register')
      .description(
        'register your key at a site: the site then receives what the key signs. --token-file names a file with a token of yours that has the scope "attest"',
      )
      .requiredOption('--name <name>', 'what people call the key')
      .requiredOption('--user <name>', 'your name at the site')
      .action(async (options: { name: string; user: string }, command: Command) => {
        const { key: file } = command.optsWithGlobals<Partial<Options>>()
        const url = siteOf(command)
        if (file === undefined || url === undefined)
          return command.error('error: name your private key by --key and the site by --url')
        const token = tokenOf(command)
        if (token === null)
          return command.error('error: name a file with a token that has the scope "attest" by --token-file')
        const key = readKey(file)
        const possession = { site: url, user: options.user, keyId: keyIdOf(key), time: printTime(new Date()) }
        const proof = printEnvelope(signEnvelope(key, possessionType, printPossession(possession)))
        const variables = { name: options.name, publicKey: publicPem(key), proof }
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: registerQuery, variables }),
        })
        const answer: unknown = await response.json().catch(() => null)
        const keyId = keyIdIn(answer)
        if (keyId === null)
          throw new AttestError(`${url} has not registered the key: ${JSON.stringify(answer)}`)
        ioOf(command).stdout.write(
          `registered ${keyId}\nits votes count as soon as the policy of the site lists it\n`,
        )
      }),
    [
      'hub attest --key attest.pem --url https://builds.example.org register --name "alice at home" --user alice --token-file token',
    ],
  )
}

const registerQuery = `mutation ($name: String!, $publicKey: String!, $proof: String!) {
  registerKey(name: $name, publicKey: $publicKey, proof: $proof) {
    __typename ... on RegisterKeySuccess { keyId } ... on Refusal { message }
  }
}`

function keyIdIn(answer: unknown): string | null {
  const result = (answer as { data?: { registerKey?: { keyId?: unknown } } } | null)?.data?.registerKey
  return typeof result?.keyId === 'string' ? result.keyId : null
}

function readKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file))
  } catch (error) {
    throw new AttestError(`${file} is no private key: ${error instanceof Error ? error.message : ''}`)
  }
}

async function statementOf(files: readonly string[]) {
  const subject = []
  for (const file of files) subject.push({ name: basename(file), digest: { sha256: await hashOfFile(file) } })
  return {
    subject,
    predicateType: predicateTypes.provenance,
    predicate: {
      buildDefinition: { buildType: ownBuildType, externalParameters: {} },
      runDetails: { builder: { id: attesterId } },
    },
  }
}

const nothing = () => {}
const nothingAsync = () => Promise.resolve()

/** What a record says: the outputs, and the input id, by which a vote counts for these inputs alone. */
async function statementOfRecord(file: string) {
  const artifacts: { path: string; content: { id: string } }[] = []
  const facts: ExecFacts = await readExecRecord(createReadStream(file), {
    ...{ job: nothing, platform: nothing, uuid: nothing, script: nothingAsync, consoleEntry: nothing },
    async artifact(path, _sizeBytes, chunks) {
      const hash = createHash('sha256')
      for await (const chunk of chunks) hash.update(chunk)
      artifacts.push({ path, content: { id: hash.digest('hex') } })
    },
  })
  const outputs = artifacts.filter(({ path }) => isOutput(path))
  if (outputs.length === 0) throw new AttestError(`${file} has no output`)
  const inputId = inputIdOf(artifacts)
  return {
    subject: outputs.map(({ path, content }) => ({ name: path, digest: { sha256: content.id } })),
    predicateType: predicateTypes.provenance,
    predicate: {
      buildDefinition: {
        buildType: ownBuildType,
        externalParameters: { job: facts.job, platform: facts.platform },
        internalParameters: inputId === null ? {} : { inputId },
      },
      runDetails: {
        builder: { id: attesterId },
        metadata: {
          invocationId: `urn:uuid:${facts.uuid}`,
          ...{ startedOn: printTime(facts.startedAt), finishedOn: printTime(facts.finishedAt) },
        },
      },
    },
  }
}

function parseSite(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('it must be an address, such as https://builds.example.org')
  return text.replace(/\/+$/, '')
}
