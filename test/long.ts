/** Set by `npm run test:long`, which prints it: the long forms, with random inputs that no run has had before. */
const givenSeed = process.env['BUILDER_HUB_TEST_SEED']

export const isLong = givenSeed !== undefined

/** A tenth in the suite: inputs of a fixed seed find nothing after the first run that passed. */
export const inputs = (all: number): number => (isLong ? all : Math.ceil(all / 10))

/** For each of the twelve formats of statements, logs and advisories: more than a million in the long form. */
export const signedInputs = isLong ? 100_000 : 2_000

/** The seed of a test: fixed in the suite. */
export const seedOf = (fixed: number): number => (fixed + Number(givenSeed ?? 0)) >>> 0
