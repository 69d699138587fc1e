import { Fragment } from 'react'
import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { IssueSectionFragment as Found } from '../gql/graphql.ts'
import { paths } from '../paths.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { Name } from '../ui/Name.tsx'
import { SeverityWord } from './SeverityWord.tsx'
import { dismissedWords } from './issue-words.ts'
import { vexWords } from './vex-words.ts'

const IssueSectionFragment = graphql(`
  fragment IssueSection on Build {
    uuid
    sbom {
      signedUrl
    }
    job {
      id
      name
    }
    contents {
      openIssueCount
      settledIssueCount
      issues {
        advisory
        summary
        severity
        score
        packages {
          name
          version
          identifiedBy
          isRequired
        }
        linked
        linkedModule
        vex {
          status
          justification
          note
        }
        fixedIn
      }
    }
  }
`)

type Issue = NonNullable<Found['contents']>['issues'][number]

const columns = [
  { name: 'Issue' },
  { name: 'Severity' },
  { name: 'Package' },
  { name: 'In this binary?' },
  { name: 'Fixed in' },
]

/** Known issues of the packages in a build. Nothing if there are none: the line above says so. */
export function IssueSection(props: { build: FragmentType<typeof IssueSectionFragment> }) {
  const { uuid, job, sbom, contents } = readFragment(IssueSectionFragment, props.build)
  if (!contents || contents.issues.length === 0) return null
  const dismissed = dismissedWords(contents)
  return (
    <section aria-labelledby="issues" className="mt-8">
      <h2 id="issues" className="scroll-mt-4">
        Known issues{' '}
        <span className="font-normal text-quiet tabular-nums">
          {contents.issues.length}
          {dismissed !== null && `, ${dismissed}`}
        </span>
      </h2>
      <p className="mb-2 max-w-[45rem] text-quiet">
        Advisories name versions of these packages. That says that their code has a fault, and not that this
        program can be attacked.
      </p>
      <Table label="Known issues" columns={columns}>
        {contents.issues.map((issue) => (
          <Row key={issue.advisory}>
            <Cell className="whole-line wide:w-2/5">
              <Link to={paths.advisory(issue.advisory)}>{issue.advisory}</Link> <Name>{issue.summary}</Name>
              {issue.vex && <span className="block text-quiet">{vexWords(issue.vex)}</span>}
            </Cell>
            <Cell>
              <SeverityWord severity={issue.severity} score={issue.score} />
            </Cell>
            <Cell>
              <Packages issue={issue} />
            </Cell>
            <Cell>
              <LinkedWords issue={issue} />
            </Cell>
            <Cell className="to-the-end whitespace-nowrap">
              {issue.fixedIn === null ? (
                <span className="text-quiet">not fixed yet</span>
              ) : (
                <Link to={paths.build(job.name, issue.fixedIn)} title={issue.fixedIn}>
                  <span className="wide:hidden">fixed in </span>
                  build {issue.fixedIn.slice(0, 8)}
                </Link>
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      <p className="mt-2 max-w-[45rem] text-small text-quiet">
        What the operator says of them, for programs:{' '}
        {documents.map(({ name, file }, index) => (
          <Fragment key={name}>
            {index > 0 && ' or '}
            <a href={`${paths.build(job.name, uuid)}/${file}.json`}>{name}</a>
            {sbom?.signedUrl && (
              <>
                {' ('}
                <a
                  href={`${paths.build(job.name, uuid)}/${file}.intoto.json`}
                  aria-label={`${name}, signed by this site`}
                >
                  signed
                </a>
                )
              </>
            )}
          </Fragment>
        ))}
      </p>
    </section>
  )
}

const documents = [
  { name: 'OpenVEX', file: 'vex' },
  { name: 'CycloneDX', file: 'vex.cdx' },
]

function Packages({ issue }: { issue: Issue }) {
  return issue.packages.map(({ name, version, identifiedBy, isRequired }) => (
    <span key={`${name} ${version}`} className="block">
      <Link to={paths.package('opam', name)}>
        <Name>{name}</Name>
      </Link>{' '}
      <Name>{version}</Name>
      {identifiedBy === 'URL' && (
        <span className="text-quiet" title="The address of the vendored source names the package.">
          {' '}
          (by its address)
        </span>
      )}
      {!isRequired && <span className="text-quiet"> (build tool)</span>}
    </span>
  ))
}

function LinkedWords({ issue: { linked, linkedModule } }: { issue: Issue }) {
  if (linked === 'LINKED')
    return (
      <>
        yes: module <code>{linkedModule}</code>
      </>
    )
  return <span className="text-quiet">{linked === 'NOT_LINKED' ? 'probably not' : 'unknown'}</span>
}
