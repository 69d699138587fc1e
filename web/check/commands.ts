/** What the commands are about. `path` of the artifact, and the addresses of the site without a slash at the end. */
export type CheckedFile = {
  origin: string
  build: string
  file: string
  fileName: string
  attestation: string
  /** The name of the site in signatures by OpenSSH. */
  signer: string
  keyId: string
  isReproduced: boolean
}

/** A way to check a file: what it needs, and the commands. */
export type Way = { title: string; needs: string; commands: string }

/** Any text as one word of a shell. */
const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** Ways to check a download with programs that visitors have already. Each begins in a new folder. */
export function waysToCheck({
  origin,
  build,
  file,
  fileName,
  attestation,
  signer,
  keyId,
  isReproduced,
}: CheckedFile): Way[] {
  const get = (address: string, name: string) => `curl -fsSL -o ${word(name)} ${word(address)}`
  const own = fileName.startsWith('-') ? `./${fileName}` : fileName
  return [
    {
      title: 'openssl',
      needs: 'openssl 3, jq, curl',
      commands: [
        get(file, own),
        get(attestation, 'attestation.json'),
        get(`${origin}/keys/attest.pem`, 'attest.pem'),
        `test "$(openssl pkey -pubin -in attest.pem -outform DER | sha256sum)" = "${keyId}  -"`,
        'type=$(jq -r .payloadType attestation.json)',
        'jq -rj .payload attestation.json | base64 -d > body',
        `{ printf 'DSSEv1 %d %s %d ' "\${#type}" "$type" "$(wc -c < body)"; cat body; } > signed`,
        `jq -rj '.signatures[0].sig' attestation.json | base64 -d > signature`,
        'openssl pkeyutl -verify -pubin -inkey attest.pem -rawin -in signed -sigfile signature',
        `jq -r '.subject[].digest.sha256' body | grep -x "$(sha256sum < ${word(own)} | cut -d ' ' -f 1)"`,
      ].join('\n'),
    },
    {
      title: 'minisign',
      needs: 'minisign, curl',
      commands: [
        get(file, own),
        get(`${build}/SHA256SUMS`, 'SHA256SUMS'),
        get(`${build}/SHA256SUMS.minisig`, 'SHA256SUMS.minisig'),
        get(`${origin}/keys/minisign.pub`, 'minisign.pub'),
        'minisign -Vm SHA256SUMS -p minisign.pub',
        `grep "^$(sha256sum < ${word(own)} | cut -d ' ' -f 1)" SHA256SUMS`,
      ].join('\n'),
    },
    {
      title: 'ssh-keygen',
      needs: 'OpenSSH, curl',
      commands: [
        get(file, own),
        get(`${build}/SHA256SUMS`, 'SHA256SUMS'),
        get(`${build}/SHA256SUMS.sshsig`, 'SHA256SUMS.sshsig'),
        get(`${origin}/keys/allowed_signers`, 'allowed_signers'),
        `ssh-keygen -Y verify -f allowed_signers -I ${word(signer)} -n builder-hub -s SHA256SUMS.sshsig < SHA256SUMS`,
        `grep "^$(sha256sum < ${word(own)} | cut -d ' ' -f 1)" SHA256SUMS`,
      ].join('\n'),
    },
    ...(isReproduced
      ? [
          {
            title: 'in-toto',
            needs: 'in-toto of Debian, curl',
            commands: [
              get(file, own),
              `curl -fsSL ${word(`${build}/in-toto.tar.gz`)} | tar -xzf -`,
              'in-toto-verify -l root.layout -k hub.pub -t ed25519',
            ].join('\n'),
          },
        ]
      : []),
    {
      title: 'hub',
      needs: 'this program',
      commands: [get(file, own), `hub verify-file ${word(own)} --url ${word(origin)} --key ${keyId}`].join(
        '\n',
      ),
    },
  ]
}
