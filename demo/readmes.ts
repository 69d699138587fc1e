const dnsPrimary = `# dns-primary

A primary DNS server as a [MirageOS](https://mirage.io) unikernel. Its zones are files in a **git repository**:
a commit is a change of the DNS, and a dynamic update (RFC 2136) becomes a commit.

![Where it stands: registry, primary, secondaries](doc/overview.svg)

## What it does

- [x] Serves zones over UDP and TCP
- [x] Notifies secondaries, with transfers signed by TSIG
- [x] Pushes dynamic updates back to the repository
- [ ] DNSSEC signing ~~on the fly~~ from a key on a block device

## Boot parameters

| parameter | default | what it is |
|-----------|:-------:|------------|
| \`--remote\` | – | the repository, like \`git@git.example.org:zones.git#main\` |
| \`--ipv4\` | DHCP | address with prefix, like \`192.0.2.53/24\` |
| \`--ipv4-gateway\` | none | the router |
| \`--axfr\` | \`false\` | allow transfers without a key |
| \`--ssh-key\` | none | key that reads and writes the repository |

## Run it

\`\`\`sh
solo5-hvt --mem=64 --net:service=tap0 -- \\
  dns-primary.hvt --ipv4=192.0.2.53/24 --ipv4-gateway=192.0.2.1 \\
  --remote=git@git.example.org:zones.git#main
\`\`\`

A zone is a file with the name of the zone:

\`\`\`zone
$ORIGIN example.org.
$TTL 3600
@    SOA  ns1 hostmaster 2026010101 86400 10800 1048576 300
@    NS   ns1
ns1  A    192.0.2.53
\`\`\`

> [!NOTE]
> Keys live in the repository too, in files that end in \`_keys\`. Keep it private.

See [the operator's notes](doc/operations.md) and the [changes](CHANGES.md).[^1]

[^1]: Releases are signed; the hashes are those shown on this site.
`

const tlsGateway = `# tls-gateway

Terminates TLS, forwards plain streams, reports what it does.

1. A client connects to the *public* interface.
2. The gateway picks a certificate by server name (SNI).
3. The plain stream goes to the service behind the *private* interface.

## Devices

| device | kind | use |
|---|---|---|
| \`public\` | net | where clients come from |
| \`private\` | net | where the services are |
| \`certificates\` | block | a tar archive of \`NAME.pem\` and \`NAME.key\` |

## Services

\`\`\`json
{
  "www.example.org": { "to": "10.0.0.8:8080", "alpn": ["h2", "http/1.1"] },
  "git.example.org": { "to": "10.0.0.9:3000" }
}
\`\`\`

## Metrics

Start it with \`--monitor=10.0.0.2:8094\`. It sends, every ten seconds:

- \`tls\`: handshakes by version and result
- \`tcp\`: connections by state
- \`gc\`: live words, collections
  - minor and major
  - the time they took

<details><summary>Why a unikernel?</summary>

Three megabytes, no shell, and a start in 30 ms. What isn't there can't be broken into.

</details>

The certificates may change at run time: send \`SIGHUP\` to the tender, or see [reloading](doc/reload.md).
`

const staticSite = `# static-site

Serves a folder as a web site, from a tar archive on a block device.

\`\`\`sh
tar cf pages.img -C public .
solo5-hvt --mem=32 --net:service=tap0 --block:pages=pages.img -- static-site.hvt
\`\`\`

Superseded by [tls-gateway](/job/tls-gateway/), which will serve files as well.
`

const fleetd = `# fleetd

Runs unikernels on a fleet of hosts. Requests are **signed**, limits are *enforced*, consoles are kept.

## Install

On Debian and FreeBSD, install the package from this site:

\`\`\`sh
apt install ./fleetd.deb    # Debian
pkg install fleetd.pkg      # FreeBSD
\`\`\`

## Commands

| command | effect |
|---|---|
| \`fleet-client create NAME IMAGE\` | start a unikernel |
| \`fleet-client info [NAME]\` | what runs, since when, with which hash |
| \`fleet-client console NAME\` | attach to its console |
| \`fleet-client update NAME\` | run the newest reproduced build instead |

## Policy

A policy says how much an identity may use:

\`\`\`yaml
identity: team-a
unikernels: 8
memory: 1024 # MiB
bridges: [service, management]
\`\`\`

- [x] networks and bridges
- [x] block devices
- [x] statistics to InfluxDB
- [ ] live migration

## Report a bug

Please write to <bugs@fleetd.example>, with the output of \`fleetd --version\`.
`

/** The readmes of the demo's jobs: GitHub-flavoured Markdown with whatever real ones have. */
export const readmes = { dnsPrimary, tlsGateway, staticSite, fleetd }
