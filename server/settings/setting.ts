import { resolve } from 'node:path'
import * as z from 'zod'

/** Only digits are accepted: an empty value is not 0, and `0x50` or `1e3` are typing errors. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'it must be a whole number, in digits')
    .transform(Number)
    .pipe(z.number().min(min).max(max))

/** A path, which becomes absolute; empty: there is none. */
export const optionalFile = () => z.string().transform((file) => (file === '' ? '' : resolve(file)))

/** A path, which becomes absolute. */
export const folder = () =>
  z
    .string()
    .min(1)
    .transform((path) => resolve(path))

/** A flag of the command line, its environment variable, and the default value. */
export type Description = {
  flag: `--${string}`
  env: `BUILDER_HUB_${string}`
  help: string
  fallback: string
  /** It may contain a password: it is not printed, and may lie in a file that `…-file` names. */
  isSecret?: true
  /** A running server takes a new value when it reads its configuration again (SIGHUP). */
  isReloadable?: true
}

export const descriptions = z.registry<Description>()

/** Gives a schema its description. Each setting has a schema of its own. */
export function setting<Schema extends z.ZodType>(description: Description, schema: Schema): Schema {
  descriptions.add(schema, description)
  return schema
}
