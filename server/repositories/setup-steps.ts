/** A file that somebody writes, or a command that somebody runs, to use a repository. */
export type SetupStep = { title: string; text: string }

type Described = { name: string; suite: string | null; component: string | null }

/**
 * How a machine is told of a repository, and how it installs `packageNames`, which were read from packages and so have no character
 * that means something to a shell. `url`: of the site, without a slash at the end.
 */
export function setupSteps(
  { name, suite, component }: Described,
  url: string,
  packageNames: readonly string[] = [],
): SetupStep[] {
  const isApt = name.startsWith('apt/')
  const steps = isApt ? aptSteps(name, suite ?? '', component ?? '', url) : pkgSteps(name, url)
  if (packageNames.length === 0) return steps
  const names = packageNames.join(' ')
  const text = isApt ? `sudo apt-get update && sudo apt-get install ${names}` : `pkg install ${names}`
  return [
    ...steps,
    { title: packageNames.length === 1 ? 'Install the package' : 'Install the packages', text },
  ]
}

function aptSteps(name: string, suite: string, component: string, url: string): SetupStep[] {
  const { hostname } = new URL(url)
  // Of a file with other characters in its name, apt takes no notice.
  const fileName = `${hostname}-${name.slice('apt/'.length)}`.replace(/[^A-Za-z0-9._-]/g, '-')
  const keyFile = `/etc/apt/keyrings/${hostname}.asc`
  return [
    {
      title: 'Fetch the key',
      text: `sudo install -d /etc/apt/keyrings && sudo curl -fsSo ${keyFile} ${url}/${name}/key.asc`,
    },
    {
      title: `/etc/apt/sources.list.d/${fileName}.sources`,
      text: [
        'Types: deb',
        `URIs: ${url}/${name}`,
        `Suites: ${suite}`,
        `Components: ${component}`,
        `Signed-By: ${keyFile}`,
      ].join('\n'),
    },
  ]
}

function pkgSteps(name: string, url: string): SetupStep[] {
  const tag = new URL(url).hostname.replace(/[^A-Za-z0-9]/g, '-')
  const folder = `/usr/local/etc/pkg/fingerprints/${tag}`
  return [
    {
      title: 'Fetch the fingerprint of the key',
      text: `mkdir -p ${folder}/trusted ${folder}/revoked && fetch -o ${folder}/trusted/key ${url}/${name}/fingerprint`,
    },
    {
      title: `/usr/local/etc/pkg/repos/${tag}.conf`,
      text: [
        `${tag}: {`,
        `  url: "${url}/${name}",`,
        '  signature_type: "fingerprints",',
        `  fingerprints: "${folder}",`,
        '  enabled: yes',
        '}',
      ].join('\n'),
    },
  ]
}
