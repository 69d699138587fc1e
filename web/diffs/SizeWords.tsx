import { useQuery } from '@apollo/client/react'
import { ChangedText } from './ChangedText.tsx'
import { formatSizeDelta } from '../ui/signed.ts'
import { SizePartQuery } from './SizePart.tsx'

/**
 * Which module grew most and which shrank most, in one line; `otherwise` while that is not known, so that
 * nothing moves when it is. The part of the page about sizes asks for the same.
 */
export function SizeWords(props: { left: string; right: string; otherwise: string }) {
  const { left, right, otherwise } = props
  const { data } = useQuery(SizePartQuery, { variables: { left, right } })
  if (data?.diff?.binarySize.reason) return 'sizes not compared'
  // Those that changed most come first.
  const modules = (data?.diff?.binarySize.modules ?? []).map(({ name, leftBytes, rightBytes }) => ({
    name,
    delta: rightBytes - leftBytes,
  }))
  const grown = modules.find(({ delta }) => delta > 0)
  const shrunk = modules.find(({ delta }) => delta < 0)
  const words = [
    ...(grown ? [`grew most: ${grown.name} ${formatSizeDelta(grown.delta)}`] : []),
    ...(shrunk ? [`shrank most: ${shrunk.name} ${formatSizeDelta(shrunk.delta)}`] : []),
  ]
  if (words.length > 0) return <ChangedText text={words.join('; ')} />
  return data?.diff ? 'no module changed its size' : otherwise
}
