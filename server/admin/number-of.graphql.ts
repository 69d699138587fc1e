import { badInput } from '../graphql/bad-input.ts'

/** The number of a row from its id in the API. Throws BAD_USER_INPUT. */
export function numberOf(id: string | number, what: string): number {
  if (!/^\d{1,9}$/.test(String(id))) throw badInput(`not the number of a ${what}`)
  return Number(id)
}
