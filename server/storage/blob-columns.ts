// Every column with a SHA-256. test/server/storage/blob-columns.test.ts fails when a model has one that is not here.

/** Columns that refer to a blob: as long as a row has the hash, the blob store has the content. */
export const blobColumns = {
  Artifact: ['sha256'],
  Attestation: ['envelopeSha256'],
  Build: ['consoleIndexSha256', 'consoleSha256', 'readmeSha256', 'scriptSha256'],
  HookRun: ['outputSha256'],
  Job: ['pendingSwitchSha256', 'readmeSha256'],
  QueuedTask: ['resultSha256'],
  RepositoryFile: ['sha256'],
} as const

/** Columns with the length, in bytes, of the blob that another column of the same row refers to. */
export const blobSizeColumns = {
  Artifact: { sha256: 'sizeBytes' },
  Attestation: { envelopeSha256: 'envelopeSizeBytes' },
  Build: { consoleSha256: 'consoleSizeBytes', scriptSha256: 'scriptSizeBytes' },
  HookRun: { outputSha256: 'outputSizeBytes' },
  QueuedTask: { resultSha256: 'resultSizeBytes' },
  RepositoryFile: { sha256: 'sizeBytes' },
} as const

/** Columns with a hash that keeps no blob, and why. */
export const otherHashColumns = {
  Attestation: { bundleKeySha256: 'the id of a key', inputId: 'a hash over other hashes' },
  AttestationSubject: { sha256: 'an artifact of a build that the statement is about has it, or had it' },
  AuditEntry: {
    previousSha256: 'a hash over an entry of the audit log',
    sha256: 'a hash over an entry of the audit log',
  },
  Build: {
    debugBinarySha256: 'an artifact of the same build has it, too',
    inputId: 'a hash over other hashes',
    mainBinarySha256: 'an artifact of the same build has it, too',
    opamSwitchSha256: 'an artifact of the same build has it, too',
  },
  DamagedBlob: { sha256: 'tells that the blob is missing or damaged' },
  FailureExcerpt: { consoleSha256: 'what a console says, whether it is still stored or not' },
  JobOutput: { sha256: 'derived from main binaries of builds' },
  JobPeriod: {
    sha256Max: 'derived from main binaries of builds',
    sha256Min: 'derived from main binaries of builds',
  },
  LogEntry: {
    leafSha256: 'a hash over the entry',
    sha256: 'what the entry is about, whether it is still stored or not',
  },
  LogRemoval: { sha256: 'the statement was removed, and its content goes' },
  LogTile: { hashes: 'hashes over entries, or over hashes', rootSha256: 'a hash over hashes' },
  Output: { sha256: 'derived from main binaries of builds' },
  Package: { sha256: 'what a package says of itself, whether it is still stored or not' },
  PackageSet: { sha256: 'what a file says, whether it is still stored or not' },
  PolicyVerdict: {
    policySha256: 'the policy is a file of the operator',
    sha256: 'derived from main binaries of builds',
  },
  Repository: { contentSha256: 'a hash over what is published' },
  RecoveryCode: { sha256: 'the hash of a secret' },
  RunScript: { sha256: 'the hash of a script that the same row has' },
  RunTry: { scriptSha256: 'the table RunScript has the script' },
  Session: { sha256: 'the hash of a secret' },
  SigningKey: { sha256: 'the id of the key' },
  Token: { sha256: 'the hash of a secret' },
  Tombstone: {
    inputId: 'a hash over other hashes',
    mainBinarySha256: 'the build was removed, and its content goes',
  },
  TombstoneArtifact: { sha256: 'the build was removed, and its content goes' },
  TrustedKey: { sha256: 'the id of a key' },
  UsedJwt: { sha256: 'the hash of a secret' },
  WitnessedLog: { rootSha256: 'the root of the log of another site' },
} as const
