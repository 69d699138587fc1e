import { readAddressFilter, toBuildFilter } from '../builds/address-filter.ts'
import { type ExportFilter, type ExportList, type FilterName } from './export-list.ts'
import { exportLists } from './export-lists.ts'
import { exportFormats, type ExportFormat } from './write-export.ts'

/** A list, a format and a filter. */
export type AskedExport = { list: ExportList; format: ExportFormat; filter: ExportFilter }

/**
 * Reads what `builds.csv` and the query of its address ask for. A text says what is wrong with it: unlike on pages, a filter that
 * means nothing is refused, for the list would not be what was asked for.
 */
export function readExport(file: string, query: URLSearchParams): AskedExport | { fault: string } {
  const [, name = '', ending = ''] = /^(.*)\.([a-z]+)$/.exec(file) ?? []
  const list = Object.hasOwn(exportLists, name) ? exportLists[name] : undefined
  const format = exportFormats.find((one) => one === ending)
  if (!list || !format)
    return { fault: `there is no such list: ${Object.keys(exportLists).join(', ')}, each as .csv and .jsonl` }
  const filter = readFilter(name, list, query)
  return 'fault' in filter ? filter : { list, format, filter: filter.filter }
}

/** `query`: empty values restrict nothing, as forms send them. */
export function readFilter(
  name: string,
  { filters, needs = [] }: ExportList,
  query: URLSearchParams,
): { filter: ExportFilter } | { fault: string } {
  const given = [...query].filter(([, value]) => value !== '').map(([parameter]) => parameter)
  const unknown = given.find((parameter) => !(filters as readonly string[]).includes(parameter))
  if (unknown !== undefined) {
    const known = filters.length === 0 ? 'no parameters' : `the parameters ${filters.join(', ')}`
    return { fault: `${name} takes ${known}, not ${JSON.stringify(unknown.slice(0, 100))}` }
  }
  const missing = needs.find((parameter) => !given.includes(parameter))
  if (missing !== undefined) return { fault: `${name} needs the parameter ${missing}` }
  const ofAddress = filters.filter((one) => one !== 'job' && one !== 'build')
  const { filter, faults } = readAddressFilter(query, ofAddress)
  if (faults.length > 0) return { fault: faults.join('; ') }
  const value = (parameter: FilterName) => query.get(parameter) || undefined
  return { filter: { ...toBuildFilter(filter), job: value('job'), build: value('build')?.toLowerCase() } }
}
