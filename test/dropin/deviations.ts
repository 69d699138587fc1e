/** What is answered otherwise than by builder-web, on purpose. */
export type Deviation = {
  why: string
  /** What differs, as the suite tells it: `404 → 200`, `json`, `text`. */
  differs: string
  requests: string[]
  /** Turns our JSON into builder-web's, after which the two have to be equal. */
  translate?: (json: unknown) => unknown
}

const json = 'Accept: application/json'
/** As a page and as JSON. */
const both = (path: string) => [`GET ${path}`, `GET ${path} ${json}`]
const uuidOf = (n: number) => `b0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const utop9 = `/job/utop/build/${uuidOf(9)}`
const compare = (left: number, right: number) => `/compare/${uuidOf(left)}/${uuidOf(right)}`

/** Requests to builds of the edge cases, by the end of their UUIDs; `''` is the build's own page. */
const ofEdges = (ends: string[], ...parts: string[]) =>
  ends.flatMap((end) =>
    parts.map((part) => {
      const uuid = end.length > 12 ? end : `5ec0ffee-0000-4000-8000-${end.padStart(12, '0')}`
      return `GET /job/${edgeJobs[end] ?? 'hello'}/build/${uuid}${part}`
    }),
  )
const edgeJobs: Record<string, string> = { '68': '..', '6a': 'j%C3%B6b%20name', '6b': 'j%EF%BF%BD' }
const files = ['/console', '/script', '/exec']
const page = ['', ` ${json}`]

const noElf = ['1', '2', 'e', '10', '51', '55', '56', '57', '6a', '6d']
const otherUuids = ['00000000-0000-0000-0000-000000000000', '6ba7b810-9dad-11d1-80b4-00c04fd430c8']
const largeCodes = ['f', '1c', '1f', '20', '21', '22', '23', '24']
const unsafe = ['5f', '60', '61', '64', '65']
const unsafeNames = ['34', '68', '6b']
const longUuids = ['61616161-6161-6161-6161-616161616161', '35656330-6666-6565-2d30-3030302d3430']

type Package = { name: string; version: string }
type Comparison = { package_diff: { right_packages: Package[] } }

/** What builder-web makes of FreeBSD's packages: `py39-foo-1.2` is a `py39`, of which the last one counts. */
function cutAtFirstHyphen(comparison: unknown): unknown {
  const { package_diff, ...rest } = comparison as Comparison
  const cut = package_diff.right_packages.map(({ name, version }) => {
    const [first = '', ...more] = [...name.split('-'), version]
    return { name: first, version: more.join('-') }
  })
  const right_packages = [...new Map(cut.map((one) => [one.name, one])).values()]
  return { ...rest, package_diff: { ...package_diff, right_packages } }
}

export const deviations: Deviation[] = [
  {
    why: 'builder-web does not decode percent-encoded names and paths: what it shows with a space, it does not find',
    differs: '404 → 200',
    requests: [
      ...both('/job/a%20job'),
      `GET ${utop9}/f/bin%2Futop`,
      `GET /job/a%20job/build/${uuidOf(24)}/f/bin/with%20space`,
      `GET /job/a%20job/build/${uuidOf(24)}/f/dir/%C3%BC%20x.txt`,
      ...ofEdges(['5b'], '/f/with%20space/a%20b.txt', '/f/%C3%BCnic%C3%B6de/%F0%9F%90%AB.txt'),
      ...ofEdges(['5b'], '/f/semi;colon%3F&%23%2541'),
    ],
  },
  {
    why: 'the same: the job exists, and has a latest build',
    differs: '404 → 307',
    requests: [...both('/job/a%20job/build/latest'), ...both('/job/a%20job/build/latest/bin/with%20space')],
  },
  {
    why: "the same: the job's name comes back decoded",
    differs: 'json',
    requests: [`GET /job/a%20job/build/${uuidOf(24)} ${json}`],
    translate: (build) => ({ ...(build as object), job: 'a%20job' }),
  },
  {
    why: 'a trailing slash redirects to the URL without, so that each page has one address',
    differs: '200 → 308',
    requests: both('/job/utop/'),
  },
  {
    why: 'a build is found only under its own job: builder-web repeats whatever name is asked for',
    differs: '200 → 404',
    requests: both(`/job/nope/build/${uuidOf(9)}`),
  },
  {
    why: 'for one platform, builder-web gives the newest build with each main binary on any platform, not sorted',
    differs: 'json',
    requests: [`GET /job/utop/failed?platform=debian-12 ${json}`],
    translate(answer) {
      const { builds } = answer as { builds: { uuid: string }[] }
      const own = builds.filter(({ uuid }) => uuid !== uuidOf(3))
      const ofFreebsd = builds.find(({ uuid }) => uuid === uuidOf(3))
      return { builds: [...own, { ...ofFreebsd, uuid: uuidOf(6) }] }
    },
  },
  {
    why: 'what is no SHA-256 is a mistake of who asks (400), not an artifact that is missing',
    differs: '404 → 400',
    requests: ['xyz', 'abc', ''].flatMap((hash) => both(`/hash?sha256=${hash}`)).concat(both('/hash')),
  },
  {
    why: 'builder-web lacked the programs that make its pictures',
    differs: '500 → 200',
    requests: [`GET ${utop9}/vizdependencies`, `GET ${utop9}/viztreemap`],
  },
  {
    why: "builder-web's own logo",
    differs: '200 → 404',
    requests: ['GET /img/robur-logo.png'],
  },
  {
    why: 'builds can be compared where one has no opam switch, or one that cannot be read: the answer says so',
    differs: '404 → 200',
    requests: [...both(compare(1, 5)), ...both(compare(1, 17))],
  },
  {
    why: 'the same, where builder-web fails',
    differs: '500 → 200',
    requests: both(compare(20, 21)),
  },
  {
    why: "builder-web cuts FreeBSD's packages at the first hyphen, and so loses most of them",
    differs: 'json',
    requests: [`GET ${compare(16, 1)} ${json}`],
    translate: cutAtFirstHyphen,
  },
  {
    why: "an entity tag has quotes (RFC 9110 §8.8.3), and is the SHA-256 in hex: builder-web's are asked for once more",
    differs: '304 → 200',
    requests: [`GET ${utop9}/f/bin/utop If-None-Match: gLkkJeGXfn3eQn9/JMixMqEBmcLQy/VY6j+olllpPGQ=`],
  },
  {
    why: 'ranges are served',
    differs: '200 → 206',
    requests: [`GET ${utop9}/f/bin/utop Range: bytes=0-9`],
  },
  {
    why: 'HEAD is answered wherever GET is',
    differs: '404 → 200',
    requests: ['HEAD /', `HEAD ${utop9}/f/bin/utop`],
  },
  { why: 'OPTIONS tells the methods', differs: '404 → 204', requests: ['OPTIONS /'] },
  { why: 'the page is there, but not for this method', differs: '404 → 405', requests: ['DELETE /'] },
  {
    why: 'media types have no upper and lower case (RFC 9110 §8.3.1)',
    differs: 'type',
    requests: ['GET /all-builds Accept: Application/JSON'],
  },
  {
    why: 'builder-web fails where the main binary of a unikernel is no ELF file',
    differs: '500 → 200',
    requests: ofEdges([...noElf, ...otherUuids], ...page),
  },
  {
    why: 'builder-web gives the record back without its readme',
    differs: 'record',
    requests: ofEdges(['1', '2', 'e', '51', '6a', ...otherUuids, '5e'], '/exec'),
  },
  {
    why: 'builder-web loses how a build ended: messages, signals, large exit codes',
    differs: 'record',
    requests: ofEdges(['7', '8', 'a', 'b', 'd', '10', '14', '16', '17', '18', '19', '1a', '1b'], '/exec'),
  },
  {
    why: 'builder-web fails for exit codes that its database takes for something else',
    differs: '500 → 200',
    requests: ofEdges(largeCodes, ...page, ...files),
  },
  {
    why: 'a time before the start is negative, not 584 years away',
    differs: 'text, size',
    requests: ofEdges(['26', '27', '28', '29', '2a', '2d', '2e', '2f', '30', '57'], '/console'),
  },
  {
    why: 'builder-web cannot give back a record with a time before the start',
    differs: '500 → 200',
    requests: ofEdges(['26', '27', '28', '57'], '/exec'),
  },
  {
    why: 'or rounds it away from the start',
    differs: 'record',
    requests: ofEdges(['29', '2a', '2f', '30'], '/exec'),
  },
  {
    why: 'fractions of a second are fractions: .5 is 500 ms, not 5',
    differs: 'record',
    requests: ofEdges(['41'], '/exec'),
  },
  {
    why: 'an entry of a console keeps what follows its first line break',
    differs: 'record',
    requests: ofEdges(['56'], '/exec'),
  },
  {
    why: 'paths come back in normal form, and are found in it',
    differs: 'record',
    requests: ofEdges(['5b'], '/exec'),
  },
  {
    why: 'the same: `./dot.txt` is `dot.txt`, `dir/` is `dir`',
    differs: '404 → 200',
    requests: ofEdges(['5b'], '/f/dot.txt', '/f/dir'),
  },
  {
    why: 'refused when it was uploaded (docs/decisions/003): unsafe paths, UUIDs of another length',
    differs: '200 → 404',
    requests: [
      ...ofEdges([...unsafe, ...longUuids], ...page, ...files),
      ...ofEdges(['5f'], '/f/../../etc/evil'),
      ...ofEdges(['60'], '/f//srv/demo/evil-abs'),
    ],
  },
  {
    why: 'refused when it was uploaded (docs/decisions/003): names that are empty, `..` or no text',
    differs: '200 → 404',
    requests: ofEdges(unsafeNames, ...files),
  },
  {
    why: 'the same, where builder-web stored it and then fails',
    differs: '500 → 404',
    requests: ofEdges(unsafeNames, ...page),
  },
]
