import { Link } from 'react-router'
import { shortGrade } from '../outcomes/short-grade.ts'
import { paths } from '../paths.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { describeShortly } from '../solo5/describe.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'
import { Cell, Row } from '../ui/Table.tsx'
import { formatUtc } from '../ui/time.ts'
import { visibleName } from '../ui/visible-text.ts'
import type { OverviewJob, OverviewPlatform } from './overview.ts'
import { Sparkline } from './Sparkline.tsx'

/** A job: what it is, what came of it last, and where. */
export function JobRow({ job }: { job: OverviewJob }) {
  const { name, synopsis, solo5, version, sizeBytes, sizes, grade, sha256, downloadPath, platforms } = job
  const shown = grade && shortGrade(grade)
  return (
    <Row>
      <Cell className="whole-line name">
        <Link to={paths.job(name)} className="font-semibold wrap-anywhere" {...rowLink}>
          <Name>{name}</Name>
        </Link>
        {synopsis && <span className="line-clamp-2 text-small text-quiet">{synopsis}</span>}
      </Cell>
      <Cell className="text-small wrap-anywhere text-quiet">{solo5 && describeShortly(solo5)}</Cell>
      <Cell className="version wrap-anywhere tabular-nums">{version}</Cell>
      <Cell number>{sizeBytes !== null && <ByteSize bytes={sizeBytes} />}</Cell>
      <Cell>{sizes.length > 1 && <Sparkline sizes={sizes} />}</Cell>
      <Cell>
        {shown && sha256 && (
          <Link
            to={paths.hash(sha256)}
            title={grade.words}
            className={`inline-flex items-center gap-1.5 text-small ${shown.tone}`}
          >
            <Icon name={shown.sign} /> {shown.words}
          </Link>
        )}
      </Cell>
      <Cell className="whole-line">
        <ul className="flex flex-wrap gap-x-3 text-small">
          {platforms.map((platform) => (
            <Place key={platform.name} job={job} platform={platform} />
          ))}
        </ul>
      </Cell>
      <Cell className="to-the-end">
        {downloadPath !== null && (
          <a
            href={downloadPath}
            className="icon-button text-accent"
            aria-label={`Download the newest binary of ${visibleName(name)}`}
            title="Download the newest binary"
          >
            <Icon name="download" />
          </a>
        )}
      </Cell>
    </Row>
  )
}

/** `debian-12`, or `freebsd-14 (1.4.1)` where the newest version did not come that far; leads to the newest build. */
function Place({ job, platform }: { job: OverviewJob; platform: OverviewPlatform }) {
  const { name, newestBuild, newestBuildAt, problems, version } = platform
  const sign = problems.includes('FAILING') ? 'cross' : problems.includes('DISPUTED') ? 'unequal' : null
  const tone = sign === 'cross' ? 'text-bad' : 'text-warn'
  return (
    <li>
      <Link
        to={paths.build(job.name, newestBuild)}
        title={`newest build: ${formatUtc(newestBuildAt)}`}
        className="wrap-anywhere"
      >
        {sign && <Icon name={sign} className={`mr-1 align-text-bottom ${tone}`} />}
        <Name>{name}</Name>
        {sign && <span className="sr-only">{sign === 'cross' ? 'failing' : 'disputed'}</span>}
      </Link>
      {version !== null && version !== job.version && <span className="text-quiet"> ({version})</span>}
    </li>
  )
}
