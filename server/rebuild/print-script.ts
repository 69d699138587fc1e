import { attesterId, ownBuildType } from '../attesters/own-statement.ts'
import { statementPayloadType } from '../formats/signing/dsse.ts'
import { predicateTypes, statementType } from '../formats/signing/statement.ts'
import type { Machine, RebuildPlan } from './rebuild-plan.ts'

/** Any text as one word of a shell. Names may contain anything. */
export const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** A name in a comment: it must not end the line. */
const inComment = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?')

/** Runs in the container, in the folder /work, with $archive and $snapshot. */
const sourcesOf: Record<'debian' | 'ubuntu', string[]> = {
  debian: [
    'base="http://snapshot.debian.org/archive"',
    'printf "deb [check-valid-until=no] %s %s main\\n" "$base/debian/$snapshot" "$VERSION_CODENAME" "$base/debian/$snapshot" "$VERSION_CODENAME-updates" "$base/debian-security/$snapshot" "$VERSION_CODENAME-security" > /etc/apt/sources.list',
  ],
  ubuntu: [
    'base="http://snapshot.ubuntu.com/ubuntu/$snapshot"',
    'printf "deb [check-valid-until=no] %s %s main universe\\n" "$base" "$VERSION_CODENAME" "$base" "$VERSION_CODENAME-updates" "$base" "$VERSION_CODENAME-security" > /etc/apt/sources.list',
  ],
}

const fromOpam = (orb: string) => [
  'opam init --yes --bare --disable-sandboxing --root=/root/orb-opam',
  'opam switch create --yes --root=/root/orb-opam orb 4.14.2',
  `opam install --yes --root=/root/orb-opam ${orb}`,
  'cp /root/orb-opam/orb/bin/orb /usr/local/bin/orb',
]

/** The commands in the container. */
function innerCommands(plan: RebuildPlan, machine: Extract<Machine, { kind: 'container' }>): string {
  const orb = plan.orb
    ? [`apt-get install -y "./${plan.orb.name}"`]
    : ['apt-get install -y opam build-essential m4 pkg-config', ...fromOpam(plan.orbFromOpam)]
  return [
    'cd /work',
    '. /etc/os-release',
    'rm -rf /etc/apt/sources.list.d/*',
    ...sourcesOf[machine.archive],
    'export DEBIAN_FRONTEND=noninteractive',
    'apt-get update',
    ...orb,
    plan.command.join(' '),
  ].join('\n')
}

function runIn(plan: RebuildPlan): string[] {
  const { machine } = plan
  if (machine.kind === 'container')
    return [
      'engine=""',
      'for one in docker podman; do command -v "$one" >/dev/null 2>&1 && engine="$one" && break; done',
      '[ -n "$engine" ] || fail "container: install docker or podman"',
      `say "building in ${machine.image}, with the system packages of ${machine.snapshot}: this may take an hour"`,
      `"$engine" run --rm -v "$PWD:/work" -e snapshot=${word(machine.snapshot)} ${word(machine.image)} sh -exc ${word(innerCommands(plan, machine))} || say "the build ended with status $?"`,
    ]
  const { version } = machine
  const install = plan.orb
    ? [`pkg add ${word(`./${plan.orb.name}`)}`]
    : ['pkg install -y opam gmake', ...fromOpam(plan.orbFromOpam)]
  return [
    '[ "$(uname -s)" = FreeBSD ] || fail "system: this needs FreeBSD"',
    `case "$(uname -r)" in ${version}.*) ;; *) fail "system: this needs FreeBSD ${version}" ;; esac`,
    'if [ "$(id -u)" != 0 ] || [ "$(sysctl -n security.jail.jailed)" != 1 ]; then',
    `  fail ${word(`jail: run this as root in a jail, such as one of: bastille create rebuild ${version}.0-RELEASE 10.17.89.2`)}`,
    'fi',
    ...install.map((command) => `${command} || fail "orb: not installed"`),
    `${plan.command.join(' ')} || say "the build ended with status $?"`,
  ]
}

/**
 * A script for a POSIX shell that builds something again, and compares the outputs by itself: orb exits with 0 in both cases. It prints
 * REPRODUCED, DIFFERENT or FAILED, and exits with 0, 1 or 2. A plan always gives the same script.
 */
export function printScript(plan: RebuildPlan): string {
  const { build, inputs, machine, orb, outputs } = plan
  const fetched = [...inputs.map((file) => ({ ...file, name: `in/${file.name}` })), ...(orb ? [orb] : [])]
  return `#!/bin/sh
# Builds ${inComment(build.job)} again, as it was built on ${inComment(build.platform)} at ${build.startedAt}, and compares the files.
# ${inComment(build.url)}
#
# Read it before you run it. It writes to a new folder below the current one, and needs ${
    machine.kind === 'container' ? 'docker or podman' : `a jail of FreeBSD ${machine.version}`
  } and 10 GB.
# It ends with one of: REPRODUCED (status 0), DIFFERENT (1), FAILED (2). Nothing is sent to anybody, unless ATTEST_KEY names
# the file of your private key: then it signs which files came out, and sends that to this site as your vote.
set -u

say() { printf '%s\\n' "$*" >&2; }
fail() { printf 'FAILED %s\\n' "$*"; exit 2; }

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum < "$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256 < "$1" | cut -d ' ' -f 1
  else command sha256 -q "$1"
  fi
}

download() {
  if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then wget -qO "$2" "$1"
  else fetch -qo "$2" "$1"
  fi
}

# get URL FILE SHA256
get() {
  download "$1" "$2" || fail "download: $1"
  [ "$(sha256 "$2")" = "$3" ] || fail "download: $1 is not what was built from"
}

# compare PATH SHA256 PATH_IN_JSON
compare() {
  if [ ! -f "out/$1" ]; then
    printf 'DIFFERENT %s (expected %s, got no file)\\n' "$1" "$2"
    different=1
    return
  fi
  got="$(sha256 "out/$1")"
  subjects="$subjects\${subjects:+,}{\\"name\\":$3,\\"digest\\":{\\"sha256\\":\\"$got\\"}}"
  [ "$got" = "$2" ] && return
  printf 'DIFFERENT %s (expected %s, got %s)\\n' "$1" "$2" "$got"
  different=1
}

${voteFunction(plan)}
# Everything is in a function: a download that breaks off runs nothing. What is in single quotes is not for this shell.
# shellcheck disable=SC2016
main() {
  case "$(uname -m)" in ${patternOf(machine.arch)}) ;; *) fail ${word(`machine: this needs ${machine.arch}`)} ;; esac
  [ "$(df -Pk . | awk 'NR == 2 { print $4 }')" -ge 10000000 ] || fail "disk: less than 10 GB are free here"
  key="\${ATTEST_KEY:-}"
  if [ -n "$key" ]; then
    case "$key" in /*) ;; *) key="$PWD/$key" ;; esac
    openssl pkey -in "$key" -noout || fail "key: ATTEST_KEY names no private key that openssl can read"
  fi
  dir="$(mktemp -d "$PWD/rebuild-XXXXXX")" || fail "folder: none can be made here"
  cd "$dir" || fail "folder: $dir"
  mkdir in out
  say "working in $dir"
${fetched.map(({ url, name, sha256 }) => `  get ${word(url)} ${word(name)} ${word(sha256)}`).join('\n')}
${runIn(plan)
  .map((line) => `  ${line}`)
  .join('\n')}
  [ -n "$(find out -type f | head -n 1)" ] || fail "build: it made no file"
  different=0 subjects=""
${outputs.map(({ path, sha256 }) => `  compare ${word(path)} ${word(sha256)} ${word(JSON.stringify(path))}`).join('\n')}
  if [ -n "$key" ] && [ -n "$subjects" ]; then vote; fi
  [ "$different" = 0 ] || exit 1
  printf 'REPRODUCED %s\\n' ${word(outputs[0]?.sha256 ?? '')}
}

main
`
}

/** The statement of whoever runs the script, as `hub attest` makes it. It has no time in it, so that the same vote is stored once. */
function voteFunction({ build, inputId, attestationsUrl }: RebuildPlan): string {
  const predicate = {
    buildDefinition: {
      buildType: ownBuildType,
      externalParameters: { job: build.job, platform: build.platform },
      internalParameters: { inputId },
    },
    runDetails: { builder: { id: attesterId } },
  }
  return `# Says, signed by the key, which files came out of these inputs. What was built cannot reach the folder for that.
# shellcheck disable=SC2016
vote() {
  votes="$(mktemp -d)" || { say "the vote was not sent: no folder for it"; return; }
  printf '{"_type":"%s","subject":[%s],"predicateType":"%s","predicate":%s}' ${word(statementType)} "$subjects" \\
    ${word(predicateTypes.provenance)} ${word(JSON.stringify(predicate))} > "$votes/statement"
  { printf 'DSSEv1 ${statementPayloadType.length} ${statementPayloadType} %s ' "$(wc -c < "$votes/statement" | tr -d ' ')"; cat "$votes/statement"; } > "$votes/signed"
  if ! openssl pkeyutl -sign -inkey "$key" -rawin -in "$votes/signed" -out "$votes/signature"; then
    say "the vote was not sent: openssl 3 is needed to sign it"
    return
  fi
  openssl pkey -in "$key" -pubout -outform DER > "$votes/key"
  printf '{"payloadType":"%s","payload":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}' ${word(statementPayloadType)} \\
    "$(openssl base64 -A -in "$votes/statement")" "$(sha256 "$votes/key")" "$(openssl base64 -A -in "$votes/signature")" > "$votes/vote.json"
  if answer="$(send "$votes/vote.json" ${word(attestationsUrl)})"; then say "your vote: $answer"
  else say "the vote was not taken: \${answer:-the site does not answer}. It is in $votes/vote.json"
  fi
}

# send FILE URL
send() {
  if command -v curl >/dev/null 2>&1; then curl -s --fail-with-body --data-binary "@$1" "$2"
  else wget -qO - --content-on-error --post-file="$1" "$2"
  fi
}
`
}

/** What `uname -m` prints for an architecture. */
const patternOf = (arch: string): string =>
  arch === 'x86_64' ? 'x86_64 | amd64' : arch === 'aarch64' ? 'aarch64 | arm64' : arch
