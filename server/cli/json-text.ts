/** What `--json` prints of a value: bytes of any size are numbers. */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? Number(one) : one), 2)}\n`
