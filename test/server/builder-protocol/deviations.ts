/** A recorded session in which the hub does otherwise than builder's server, on purpose. */
export type Deviation = {
  why: string
  /** All that the hub sends; a failure with its text. */
  answers: string[]
  /** `nothing`: what the recording presupposes cannot be here. */
  presupposes?: 'nothing'
  /** How the try ended, and the state of its run. */
  run?: [string, string]
}

const slash = 'names that contain "/" are no folders and no pages: a job with such a name ended the server'
const badName = (name: string, what = 'job') =>
  `failure: the name of the ${what} ${JSON.stringify(name)} contains "/": 1 to 255 bytes of UTF-8 without control characters or "/" are allowed, other than "." and ".."`
const evil = {
  why: 'a platform with "/" ended the server',
  answers: ['serverHello', badName('../../etc/x', 'platform')],
}
const reserved = (n: number) => ({
  why: `the reserved number ${n} ended the server`,
  answers: [
    'serverHello',
    `failure: malformed command of builder at byte 0: the command has the number ${n}, which is reserved`,
  ],
})

/** By the number of the session. docs/builder-protocol.md says the same in words. */
export const deviations: Readonly<Record<string, Deviation>> = {
  '070': { why: slash, answers: ['serverHello', badName('dots/../x')] },
  '072': {
    why: slash,
    presupposes: 'nothing',
    answers: ['serverHello', 'infoReply', 'success'],
  },
  '109': reserved(0),
  '111': evil,
  '115': {
    why: 'a UUID of 17 bytes was cut to 16',
    answers: ['serverHello', "failure: couldn't decode UUID"],
  },
  '118': {
    why: 'a name that is not UTF-8 was taken',
    answers: ['serverHello', 'failure: malformed command of builder at byte 10: job name is not UTF-8'],
  },
  '120': {
    why: 'a name that is not UTF-8 was taken',
    presupposes: 'nothing',
    answers: ['serverHello', 'infoReply', 'success'],
  },
  '123': {
    why: 'the job was in `running` for ever',
    answers: ['serverHello', 'jobSchedule'],
    run: ['PUT_BACK', 'QUEUED'],
  },
  '124': {
    why: 'the job was in `running` for ever',
    answers: ['serverHello', 'jobSchedule'],
    run: ['PUT_BACK', 'QUEUED'],
  },
  '127': {
    why: 'a name that is not UTF-8 was taken',
    presupposes: 'nothing',
    answers: ['serverHello', 'infoReply', 'success'],
  },
  '128': {
    why: 'paths that lead out of a build were stored',
    answers: ['serverHello', 'jobSchedule'],
    run: ['LOST', 'FAILED'],
  },
  '131': evil,
  '132': evil,
  '138': reserved(8),
  '151': { why: slash, answers: ['serverHello', badName('a/b')] },
  '152': { why: slash, presupposes: 'nothing', answers: ['serverHello'] },
}
