import { MalformedError } from '../errors.ts'
import { readArMembers } from '../formats/ar.ts'
import { rangesOf } from '../formats/file-ranges.ts'
import { readTarMembers } from '../formats/tar-members.ts'
import { readZipEntries, zipContent } from '../formats/zip.ts'
import { toIso } from './compare-compressed.ts'
import { orderSign } from './compare-text.ts'
import { addChildren, isLate, limits, type Comparing } from './comparing.ts'
import { addRemark, changedValues, differenceOf, hasDetails, type Difference } from './difference.ts'

/** A member of any archive: its metadata in words, by name. */
export type Member = { name: string; metadata: Readonly<Record<string, string>>; content: () => Uint8Array }

export type ArchiveKind = 'AR' | 'TAR' | 'ZIP'
type Members = { members: Member[]; isCut: boolean }

/** Compares two archives of one format, member by member. Throws MalformedError. */
export async function compareArchives(
  kind: ArchiveKind,
  name: string,
  left: Uint8Array,
  right: Uint8Array,
  comparing: Comparing,
  depth: number,
): Promise<Difference> {
  const difference = differenceOf(kind, name, left, right)
  const [one, other] = [await readers[kind](left, comparing), await readers[kind](right, comparing)]
  if (one.isCut || other.isCut)
    addRemark(difference, `only the first ${limits.members.toLocaleString('en-US')} members are compared`)
  const [byName, otherByName] = [inOrder(one.members), inOrder(other.members)]
  addOrder(difference, byName, otherByName)

  const found: Difference[] = []
  let uncompared = 0
  for (const [key, member] of byName) {
    const match = otherByName.get(key)
    if (found.length >= comparing.differences || isLate(comparing)) uncompared += 1
    else if (!match) found.push(onlyOn('left', key, member))
    else {
      const compared = await compareMembers(key, member, match, comparing, depth)
      if (compared) found.push(compared)
    }
  }
  for (const [key, member] of otherByName) if (!byName.has(key)) found.push(onlyOn('right', key, member))
  addChildren(difference, foldMetadata(found), comparing)
  if (uncompared > 0)
    addRemark(difference, `${uncompared} members are not compared: there is too much to compare`)
  return difference
}

/** By name; the second of the same name has ` (2)` behind it. */
function inOrder(members: readonly Member[]): Map<string, Member> {
  const byName = new Map<string, Member>()
  const counts = new Map<string, number>()
  for (const member of members) {
    const count = (counts.get(member.name) ?? 0) + 1
    counts.set(member.name, count)
    byName.set(count === 1 ? member.name : `${member.name} (${count})`, member)
  }
  return byName
}

function addOrder(difference: Difference, left: Map<string, Member>, right: Map<string, Member>): void {
  const common = (own: Map<string, Member>, others: Map<string, Member>) =>
    [...own.keys()].filter((name) => others.has(name))
  const sign = orderSign(common(left, right), common(right, left))
  if (!sign) return
  difference.signs.push(sign)
  addRemark(difference, `the same members in another order: first ${sign.left} against ${sign.right}`)
}

function onlyOn(side: 'left' | 'right', name: string, { content, metadata }: Member): Difference {
  const bytes = content()
  const only = differenceOf('BYTES', name, side === 'left' ? bytes : null, side === 'right' ? bytes : null)
  if (metadata['type'] && metadata['type'] !== 'file') only.remark = metadata['type']
  return only
}

async function compareMembers(
  name: string,
  left: Member,
  right: Member,
  comparing: Comparing,
  depth: number,
): Promise<Difference | null> {
  const names = [...new Set([...Object.keys(left.metadata), ...Object.keys(right.metadata)])]
  const values = changedValues(
    names.map((key) => [key, left.metadata[key] ?? 'none', right.metadata[key] ?? 'none'] as const),
  )
  const [content, otherContent] = [left.content(), right.content()]
  const difference =
    (await comparing.compare(name, content, otherContent, comparing, depth + 1)) ??
    differenceOf('METADATA', name, content, otherContent)
  difference.values.unshift(...values)
  return hasDetails(difference) ? difference : null
}

/** More members that differ in the same metadata alone are told in one line. */
const mostUnfolded = 12
const mostExamples = 5

function foldMetadata(found: readonly Difference[]): Difference[] {
  const keyOf = ({ kind, values }: Difference) =>
    kind === 'METADATA' ? values.map(({ name }) => name).join(', ') : null
  const counts = new Map<string, number>()
  for (const each of found) {
    const key = keyOf(each)
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const folds = new Map<string, Difference>()
  return found.flatMap((each) => {
    const key = keyOf(each)
    const count = key === null ? 0 : (counts.get(key) ?? 0)
    if (key === null || count <= mostUnfolded) return [each]
    const known = folds.get(key)
    const fold = known ?? differenceOf('METADATA', `${count} members`, null, null)
    folds.set(key, fold)
    if (!known) fold.remark = `they differ only in their ${key}`
    if (fold.values.length < mostExamples)
      fold.values.push(...each.values.map((value) => ({ ...value, name: `${value.name} of ${each.name}` })))
    return known ? [] : [fold]
  })
}

const octal = (mode: number) => `0${(mode & 0o7777).toString(8).padStart(3, '0')}`

const readers: Record<ArchiveKind, (bytes: Uint8Array, comparing: Comparing) => Members | Promise<Members>> =
  {
    AR(bytes) {
      const all = readArMembers(rangesOf(bytes), { maxMembers: limits.members + 1 })
      const members = all.slice(0, limits.members).map(({ name, start, end, ...header }): Member => ({
        name,
        metadata: {
          'modification time': /^\d+$/.test(header.modifiedAt)
            ? toIso(Number(header.modifiedAt) * 1000)
            : header.modifiedAt,
          owner: header.owner,
          group: header.group,
          mode: header.mode,
        },
        content: () => bytes.subarray(start, end),
      }))
      return { members, isCut: all.length > limits.members }
    },

    async TAR(bytes) {
      const { members, isCut } = await readTarMembers(bytes, limits.members)
      return {
        isCut,
        members: members.map((member): Member => ({
          name: member.name,
          metadata: {
            type: member.type,
            'modification time': toIso(member.modifiedAt),
            owner: `${member.user || member.userId} (${member.userId})`,
            group: `${member.group || member.groupId} (${member.groupId})`,
            mode: octal(member.mode),
            'link target': member.linkName,
          },
          content: () => member.content,
        })),
      }
    },

    ZIP(bytes, comparing) {
      const { entries, isCut } = readZipEntries(bytes, limits.members)
      return {
        isCut,
        members: entries.map((entry): Member => ({
          name: entry.name,
          metadata: {
            'modification time': entry.modifiedAt,
            mode: octal(entry.mode),
            'compression method': String(entry.method),
            'made by': String(entry.madeBy),
            comment: entry.comment,
            'extra field': Buffer.from(entry.extra).toString('hex'),
          },
          content() {
            comparing.inflatedBytes -= entry.sizeBytes
            if (comparing.inflatedBytes < 0)
              throw new MalformedError(
                'ZIP archive',
                0,
                'all of it together decompresses to more than is compared',
              )
            return zipContent(entry)
          },
        })),
      }
    },
  }
