import { useState } from 'react'
import { Link } from 'react-router'
import { formatExactBytes } from '../ui/byte-size.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'
import type { History } from './history.ts'
import { nameDuration, nameResult, nameSize, nameSizeChange, nameTime, nameVerdicts } from './words.ts'
import { Name } from '../ui/Name.tsx'

const columns = [
  { name: 'When' },
  { name: 'Platform' },
  { name: 'Result' },
  { name: 'Reproduced' },
  { name: 'Size', number: true },
  { name: 'Change', number: true },
  { name: 'Duration', number: true },
]

const rowsAtFirst = 50

/** The chart's table twin, newest first. */
export function HistoryTable({ job, history: { interval, series } }: { job: string; history: History }) {
  const [isWhole, setIsWhole] = useState(false)
  const rows = series
    .flatMap(({ platform, points }) => points.map((point, index) => ({ platform, points, point, index })))
    .toSorted((a, b) => b.point.startsAt.localeCompare(a.point.startsAt))
  const shown = isWhole ? rows : rows.slice(0, rowsAtFirst)
  return (
    <>
      <Table label={`History of ${job}`} columns={columns}>
        {shown.map(({ platform, points, point, index }) => (
          <Row key={`${platform.id} ${point.startsAt} ${point.resourcePath}`}>
            <Cell className="whole-line">
              <Link to={point.resourcePath}>{nameTime(point, interval)}</Link>
            </Cell>
            <Cell className="name">
              <Name>{platform.name}</Name>
            </Cell>
            <Cell>
              <span className={point.failedCount > 0 ? 'text-bad' : ''}>{nameResult(point, interval)}</span>
            </Cell>
            <Cell>{nameVerdicts(point, interval)}</Cell>
            <Cell number>
              {point.sizeBytes != null && (
                <span title={formatExactBytes(point.sizeBytes)}>{nameSize(point)}</span>
              )}
            </Cell>
            <Cell number>
              {point.outputChanged &&
                (point.change ? (
                  <Link to={point.change.resourcePath}>
                    {nameSizeChange(points, index) ?? 'changed, same size'}
                  </Link>
                ) : (
                  'changed'
                ))}
            </Cell>
            <Cell number>{nameDuration(point)}</Cell>
          </Row>
        ))}
      </Table>
      {rows.length > shown.length && (
        <button type="button" className="control mt-2" onClick={() => setIsWhole(true)}>
          Show all {rows.length.toLocaleString('en-US')} rows
        </button>
      )}
    </>
  )
}
