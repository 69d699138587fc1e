/**
 * The name of a job or a platform that a parameter of a route stands for. React Router decodes `%2F` twice, so
 * that a name with these very letters arrives with a slash. No name has a slash (docs/spec/exec-record.md):
 * where there is one, these letters were.
 */
export function readName(parameter: string | undefined): string {
  return (parameter ?? '').replaceAll('/', '%2F')
}
