/** The system of a worker: its environment variables, and the format of its packages. */
export type Platform = 'debian-12' | 'debian-13' | 'freebsd-14'

type Upgrade = { daysAgo: number; versions: Record<string, string> }

type System = {
  environment: Record<string, string>
  packages: Record<string, string>
  /** Security updates and the like, oldest first. */
  upgrades: readonly Upgrade[]
}

const debian = (version: string) => ({
  OS_FAMILY: 'debian',
  OS_VERSION: version,
  OS_DISTRIBUTION: 'debian',
  OS: 'linux',
})

const systems: Record<Platform, System> = {
  'debian-12': {
    environment: debian('12'),
    packages: {
      adduser: '3.134',
      apt: '2.6.1',
      'base-files': '12.4+deb12u9',
      bash: '5.2.15-2+b7',
      binutils: '2.40-2',
      'binutils-common': '2.40-2',
      'binutils-x86-64-linux-gnu': '2.40-2',
      'build-essential': '12.9',
      bzip2: '1.0.8-5+b1',
      'ca-certificates': '20230311',
      coreutils: '9.1-1',
      cpp: '4:12.2.0-3',
      'cpp-12': '12.2.0-14',
      curl: '7.88.1-10+deb12u8',
      dash: '0.5.12-2',
      debconf: '1.5.82',
      'dh-exec': '0.27',
      dpkg: '1.21.22',
      'dpkg-dev': '1.21.22',
      findutils: '4.9.0-4',
      'g++-12': '12.2.0-14',
      gcc: '4:12.2.0-3',
      'gcc-12': '12.2.0-14',
      git: '1:2.39.5-0+deb12u1',
      grep: '3.8-5',
      gzip: '1.12-1',
      'libbz2-1.0': '1.0.8-5+b1',
      'libc-bin': '2.36-9+deb12u9',
      libc6: '2.36-9+deb12u9',
      'libc6-dev': '2.36-9+deb12u9',
      libcurl4: '7.88.1-10+deb12u8',
      'libgcc-12-dev': '12.2.0-14',
      libgmp10: '2:6.2.1+dfsg1-1.1',
      'libgmp-dev': '2:6.2.1+dfsg1-1.1',
      libseccomp2: '2.5.4-1+deb12u1',
      'libseccomp-dev': '2.5.4-1+deb12u1',
      libssl3: '3.0.14-1~deb12u2',
      'linux-libc-dev': '6.1.106-3',
      m4: '1.4.19-3',
      make: '4.3-4.1',
      opam: '2.1.2-1',
      openssl: '3.0.14-1~deb12u2',
      patch: '2.7.6-7',
      perl: '5.36.0-7+deb12u1',
      'pkg-config': '1.8.1-1',
      rsync: '3.2.7-1',
      sed: '4.9-1',
      tar: '1.34+dfsg-1.2',
      unzip: '6.0-28',
      'xz-utils': '5.4.1-0.2',
      zlib1g: '1:1.2.13.dfsg-1',
    },
    upgrades: [
      {
        daysAgo: 130,
        versions: {
          openssl: '3.0.15-1~deb12u1',
          libssl3: '3.0.15-1~deb12u1',
          curl: '7.88.1-10+deb12u12',
          libcurl4: '7.88.1-10+deb12u12',
        },
      },
      {
        daysAgo: 97,
        versions: {
          'base-files': '12.4+deb12u11',
          libc6: '2.36-9+deb12u10',
          'libc6-dev': '2.36-9+deb12u10',
          'libc-bin': '2.36-9+deb12u10',
          git: '1:2.39.5-0+deb12u2',
          rsync: '3.2.7-1+deb12u2',
        },
      },
      { daysAgo: 36, versions: { 'linux-libc-dev': '6.1.140-1', 'ca-certificates': '20230311+deb12u1' } },
      { daysAgo: 2, versions: { 'linux-libc-dev': '6.1.147-1' } },
    ],
  },
  'debian-13': {
    environment: debian('13'),
    packages: {
      adduser: '3.152',
      apt: '3.0.3',
      'base-files': '13.8',
      bash: '5.2.37-2+b3',
      binutils: '2.44-3',
      'binutils-common': '2.44-3',
      'binutils-x86-64-linux-gnu': '2.44-3',
      'build-essential': '12.12',
      bzip2: '1.0.8-6',
      'ca-certificates': '20250419',
      coreutils: '9.7-3',
      cpp: '4:14.2.0-1',
      'cpp-14': '14.2.0-19',
      curl: '8.14.1-2',
      dash: '0.5.12-12',
      debconf: '1.5.91',
      'dh-exec': '0.30',
      dpkg: '1.22.21',
      'dpkg-dev': '1.22.21',
      findutils: '4.10.0-3',
      'g++-14': '14.2.0-19',
      gcc: '4:14.2.0-1',
      'gcc-14': '14.2.0-19',
      git: '1:2.47.2-0.2',
      grep: '3.11-4',
      gzip: '1.13-1',
      'libbz2-1.0': '1.0.8-6',
      'libc-bin': '2.41-12',
      libc6: '2.41-12',
      'libc6-dev': '2.41-12',
      libcurl4t64: '8.14.1-2',
      'libgcc-14-dev': '14.2.0-19',
      libgmp10: '2:6.3.0+dfsg-3',
      'libgmp-dev': '2:6.3.0+dfsg-3',
      libseccomp2: '2.6.0-2',
      'libseccomp-dev': '2.6.0-2',
      libssl3t64: '3.5.1-1',
      'linux-libc-dev': '6.12.41-1',
      m4: '1.4.19-8',
      make: '4.4.1-2',
      opam: '2.3.0-1+b1',
      openssl: '3.5.1-1',
      patch: '2.8-2',
      perl: '5.40.1-6',
      pkgconf: '1.8.1-4',
      rsync: '3.4.1+ds1-5',
      sed: '4.9-2',
      tar: '1.35+dfsg-3.1',
      unzip: '6.0-29',
      'xz-utils': '5.8.1-1',
      zlib1g: '1:1.3.dfsg+really1.3.1-1',
    },
    upgrades: [
      {
        daysAgo: 36,
        versions: { openssl: '3.5.1-1+deb13u1', libssl3t64: '3.5.1-1+deb13u1', git: '1:2.47.3-0+deb13u1' },
      },
      { daysAgo: 2, versions: { 'linux-libc-dev': '6.12.48-1', 'base-files': '13.8+deb13u1' } },
    ],
  },
  'freebsd-14': {
    environment: { OS_FAMILY: 'bsd', OS_VERSION: '1402000', OS_DISTRIBUTION: 'freebsd', OS: 'freebsd' },
    packages: {
      bash: '5.2.37',
      brotli: '1.1.0,1',
      ca_root_nss: '3.108',
      curl: '8.11.1',
      expat: '2.6.4',
      'gettext-runtime': '0.23',
      git: '2.48.1',
      gmake: '4.4.1',
      gmp: '6.3.0',
      indexinfo: '0.3.1_1',
      libffi: '3.4.6',
      libiconv: '1.17_1',
      libidn2: '2.3.7',
      libnghttp2: '1.64.0',
      libpsl: '0.21.5_2',
      libssh2: '1.11.1,3',
      libunistring: '1.2',
      libxml2: '2.11.9',
      llvm19: '19.1.7',
      mpdecimal: '4.0.0',
      opam: '2.3.0',
      'p5-Error': '0.17029',
      'p5-Mozilla-CA': '20240924',
      'p5-IO-Socket-SSL': '2.089',
      pcre2: '10.43',
      perl5: '5.36.3_2',
      pkg: '1.21.3',
      pkgconf: '2.3.0,1',
      'py311-setuptools': '63.1.0_2',
      python311: '3.11.11',
      readline: '8.2.13_2',
      rsync: '3.4.1',
      sqlite3: '3.46.1_1,1',
      unzip: '6.0_8',
      zstd: '1.5.6',
    },
    upgrades: [
      { daysAgo: 97, versions: { curl: '8.13.0', ca_root_nss: '3.111', 'py311-setuptools': '63.1.0_3' } },
      { daysAgo: 36, versions: { git: '2.50.1', pkg: '2.2.1', sqlite3: '3.50.2_1,1' } },
    ],
  },
}

/** The day when the workers got a newer orb, which tells more about the environment. */
const newerOrbDaysAgo = 71

/** `build-environment` as orb writes it: `KEY=VALUE` lines. */
export function buildEnvironment(job: string, platform: Platform, daysAgo: number): string {
  const isFreebsd = platform === 'freebsd-14'
  const hasNewerOrb = daysAgo < newerOrbDaysAgo
  const environment = {
    PATH: '/bin:/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin',
    HOME: isFreebsd ? '/' : '/root',
    SOURCE_DATE_EPOCH: '1589138087',
    ...(hasNewerOrb ? { OPAMSOLVERTIMEOUT: '600' } : {}),
    OPAMERRLOGLEN: '0',
    ORB_BUILDING_PACKAGE: job,
    OPAMROOT: '/tmp',
    PREFIX: '/tmp/myswitch',
    SWITCH_PATH: 'myswitch',
    ORB_DATA: hasNewerOrb ? '2' : '1',
    ...(hasNewerOrb ? { ARCH: 'x86_64' } : {}),
    ...systems[platform].environment,
  }
  return Object.entries(environment)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
}

/** `system-packages`: `name=version` on Debian, `name-version` on FreeBSD. */
export function systemPackages(platform: Platform, daysAgo: number): string {
  const { packages, upgrades } = systems[platform]
  const versions = { ...packages }
  for (const upgrade of upgrades.filter((candidate) => candidate.daysAgo >= daysAgo))
    Object.assign(versions, upgrade.versions)
  const separator = platform === 'freebsd-14' ? '-' : '='
  return Object.entries(versions)
    .map(([name, version]) => `${name}${separator}${version}`)
    .sort()
    .join('\n')
}
