/** What stands at the address that provenance names as the kind of a build. */
export const buildTypeText = (kind: 'orb' | 'script'): string =>
  [
    ...(kind === 'orb'
      ? [
          'Builds by orb, version 1',
          '',
          'orb has run the script of a job on a platform, with an opam switch, environment and system packages that it has recorded.',
          '"orb rebuild" repeats the build from these three files.',
        ]
      : [
          'Builds by a script, version 1',
          '',
          'A script has run on a platform. The record lacks the opam switch, the environment or the system packages.',
        ]),
    '',
    'externalParameters: job and platform by their names on this site; opamPackage is the root of the switch, as NAME.VERSION.',
    'internalParameters: inputId is the SHA-256 over the hashes of the three files; environment has the variables that describe the machine.',
    'resolvedDependencies: the script and the three files; then each opam package, and each source that a unikernel vendors, with the',
    'hashes that the switch names. System packages are in the file system-packages.',
    'subject: the files that came out, by SHA-256; the main binary is the first.',
    'runDetails.builder.id: who sent the record to this site, not who this site is.',
    '',
  ].join('\n')

/** What stands at the address that provenance names as the builder. */
export const builderText = (label: string): string =>
  [
    `Builder ${label.replace(/[^\w-]/g, '')}`,
    '',
    'This site received the records of these builds from one uploader, whom it had authenticated.',
    'It did not run the builds itself, and does not say who the uploader is. SLSA Build L1.',
    '',
  ].join('\n')
