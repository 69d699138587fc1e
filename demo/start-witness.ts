import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseNote } from '../server/formats/signing/parse-note.ts'
import { verifierKey } from '../server/formats/signing/signed-note.ts'
import { parseAddCheckpoint } from '../server/formats/tlog/add-checkpoint.ts'
import { parseCheckpoint } from '../server/formats/tlog/checkpoint.ts'
import { cosign } from '../server/formats/tlog/cosignature.ts'
import { isConsistent } from '../server/formats/tlog/verify-proof.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/**
 * Another site that watches the log of the demo: it signs each checkpoint that continues the one before, and refuses others. Writes the file that names
 * it. It trusts the first checkpoint that it sees, since the demo makes its keys anew. Source: C2SP, tlog-witness.md.
 */
export async function startWitness(file: string): Promise<void> {
  const witness = { name: 'velma.example/witness', key: generateKeyPairSync('ed25519').privateKey }
  let seen: { size: number; root: Uint8Array } = { size: 0, root: sha256(new Uint8Array()) }
  const server = createServer((request, response) => {
    const answer = async () => {
      const { note, oldSize, proof } = parseAddCheckpoint(await text(request))
      const { text: signed } = parseNote(note)
      const checkpoint = parseCheckpoint(signed)
      if (oldSize !== seen.size) return response.writeHead(409).end(`${seen.size}\n`)
      if (!(await isConsistent(sha256, seen, checkpoint, proof))) return response.writeHead(422).end()
      seen = checkpoint
      return response.end(`${cosign(witness, signed, Math.floor(Date.now() / 1000))}\n`)
    }
    answer().catch(() => response.writeHead(400).end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  server.unref()
  const { port } = server.address() as AddressInfo
  const vkey = verifierKey(witness, 'cosignature')
  writeFileSync(file, JSON.stringify([{ vkey, url: `http://127.0.0.1:${port}` }]))
}
