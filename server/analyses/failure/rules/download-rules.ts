import { anyOf, type FailureRule } from '../failure-rule.ts'

/** A download that is tried again, or from elsewhere, and then works, was no failure. */
const transient = { undoneBy: ['FETCHED', 'WORK', 'CONFIGURE'], reach: 100 } as const

/** Sources, archives and repositories that could not be had, or were not what they should be. */
export const downloadRules: readonly FailureRule[] = [
  {
    name: 'package-index',
    class: 'DOWNLOAD_FAILED',
    rank: 'CAUSE',
    because: 'the index of packages could not be downloaded',
    pattern: anyOf(
      String.raw`^WARNING: Retrying \(Retry\(total=0,`,
      String.raw`^W: Failed to fetch \S{1,400} +.{0,200}(?:Temporary failure resolving|[Cc]ould not (?:connect|resolve)|Connection (?:failed|refused|timed out))`,
    ),
    undoneBy: ['CONFIGURE'],
    reach: 30,
  },
  {
    name: 'opam-fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'opam could not get the sources of a package, or a repository',
    pattern: anyOf(
      String.raw`^#=== ERROR while fetching sources for `,
      String.raw`^\[ERROR\] (?:Failed to (?:get|download|fetch|obtain)|Could not (?:synchroni[sz]e|update repository|download|retrieve|fetch)|Error getting source from|Initial download of repository failed|(?:\S{1,200}: )?(?:Bad checksum|Checksum mismatch))\b`,
      String.raw`^(?:\[ERROR\] )?The sources of the following couldn't be obtained`,
      String.raw`^OpamSolution\.Fetch_fail\(`,
    ),
  },
  {
    name: 'system-fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'a system package could not be downloaded',
    pattern: anyOf(
      String.raw`^E: (?:Failed to fetch|Unable to fetch some archives|Some index files failed to download)`,
      String.raw`^E: (?:The repository|Release file for) `,
      String.raw`^pkg(?:-static)?: (?:Failed to fetch|(?:pkg\+)?https?:\S{1,400}: |.{1,200}: (?:size|checksum) mismatch|An error occured while fetching package|Repository \S{1,200} cannot be opened)`,
      String.raw`^Unable to update repository `,
    ),
    undoneBy: [],
  },
  {
    name: 'git-fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'git could not get a repository, branch or commit',
    pattern: anyOf(
      String.raw`^fatal: (?:unable to access|Could not read from remote repository|early EOF|couldn't find remote ref|[Cc]ould not find remote branch|Remote branch \S{1,200} not found|reference is not a tree|fetch-pack: |index-pack failed|the remote end hung up|[Tt]he remote end hung up|unable to connect to|unable to look up|Authentication failed for|could not read (?:Username|Password) for|protocol error|remote error: |clone of '[^']{1,400}' into submodule path|Unable to find current revision in submodule|unable to checkout submodule|git upload-pack: not our ref|dumb http transport does not support|expected '?(?:packfile|flush|acknowledgments|shallow|wanted-ref)|read error: |bad object )`,
      String.raw`^fatal: repository '[^']{1,400}' (?:not found|does not exist)`,
      String.raw`^fatal: '[^']{1,400}' does not appear to be a git repository`,
      String.raw`^fatal: Fetched in submodule path `,
      String.raw`^error: (?:RPC failed; |Could not fetch \S|Server does not allow request for unadvertised object|Unable to find \S{1,100} under http)`,
      String.raw`^error: pathspec '[^']{1,400}' did not match any file\(s\) known to git`,
      String.raw`^ERROR: Repository not found\.?$`,
      String.raw`^(?:\S{1,100}: )?Permission denied \(publickey`,
      String.raw`^Host key verification failed\.`,
    ),
    ...transient,
  },
  {
    name: 'fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'a file could not be downloaded',
    pattern: anyOf(
      String.raw`^curl: \((?!23\))\d+\) `,
      String.raw`^wget: (?:unable to resolve host address|bad address|can't connect|server returned error|error getting response|download timed out)`,
      String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR [45]\d\d: `,
      String.raw`\bfailed: (?:Connection (?:refused|timed out|reset by peer)|No route to host|Network is unreachable|Name or service not known|Temporary failure in name resolution|Operation timed out)\.?$`,
      String.raw`^(?:ERROR: cannot verify \S{1,200} certificate|Unable to establish SSL connection\.|Giving up\.$)`,
      String.raw`^fetch: (?:(?:https?|ftp):\S{1,400}: |transfer timed out|\S{1,400} appears to be truncated|\S{1,300}: (?:No address record|Network is unreachable|Authentication error))`,
      String.raw`^(?:\S{1,200}: ){1,3}Temporary failure in name resolution$`,
      String.raw`^(?:\S{1,200}: ){0,3}[Cc]ould not resolve host:? `,
      String.raw`^The requested URL returned error: `,
    ),
    ...transient,
  },
  {
    name: 'language-fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'a package of another language could not be downloaded',
    pattern: anyOf(
      String.raw`^npm (?:ERR!|error) code (?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EAI_AGAIN|EINTEGRITY|E401|E403|E5\d\d)\b`,
      String.raw`^error: failed to (?:download|fetch|get) `,
      String.raw`^ +(?:failed to fetch|failed to download|download of) \S`,
      String.raw`^ERROR: (?:Could not install packages due to an (?:OSError|EnvironmentError): HTTPSConnectionPool|THESE PACKAGES DO NOT MATCH THE HASHES)`,
      String.raw`^go: (?:\S{1,300}: |downloading \S{1,300}: |module \S{1,300}: ){0,3}(?:Get|reading) "?https?:`,
      String.raw`^(?:go: )?verifying \S{1,300}: checksum mismatch`,
    ),
    ...transient,
  },
  {
    name: 'checksum',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'a checksum is not the expected one',
    pattern: anyOf(
      String.raw`^\S{0,40}(?:sum|shasum): WARNING: \d+ (?:of \d+ )?computed checksums? did NOT match`,
      String.raw`^(?:\S{1,60}: |ERROR: |error: |\[ERROR\] )?[Cc]hecksum (?:mismatch|verification failed|does not match)\b`,
      String.raw`\[ Failed \]$`,
    ),
    ...transient,
  },
  {
    name: 'archive',
    class: 'DOWNLOAD_FAILED',
    rank: 'FAILURE',
    because: 'an archive is cut off, or is none',
    pattern: anyOf(
      String.raw`^(?:gzip|gunzip|zcat): \S{1,300}: (?:unexpected end of file|not in gzip format|invalid compressed data)`,
      String.raw`^(?:bsd)?tar: (?:Unexpected EOF in archive|This does not look like a tar archive|Error opening archive: |Truncated (?:input file|tar archive)|Archive is truncated)`,
      String.raw`^(?:\S{0,40}\/)?xz: .{1,300}: (?:Unexpected end of input|File format not recognized|Compressed data is corrupt)`,
      String.raw`^bzip2: (?:Compressed file ends unexpectedly|.{1,300} is not a bzip2 file)`,
      String.raw`^zstd: .{1,300}: (?:unsupported format|premature (?:end|frame)|Read error)`,
      String.raw`^ *End-of-central-directory signature not found`,
    ),
    ...transient,
  },
]
