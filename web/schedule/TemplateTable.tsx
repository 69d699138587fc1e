import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { Empty } from '../ui/Notice.tsx'
import { Name } from '../ui/Name.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'

const SetTemplateButton = lazy(() => import('./SetTemplateButton.tsx'))

const TemplateRowFragment = graphql(`
  fragment TemplateRow on Template {
    kind
    platformName
    source
    fileName
  }
`)

const columns = [{ name: 'Platform' }, { name: 'For' }, { name: 'Where' }]

/** The templates by which opam packages are built, and builds repeated. */
export function TemplateTable(props: {
  templates: readonly FragmentType<typeof TemplateRowFragment>[]
  mayChange: boolean
}) {
  const templates = readFragment(TemplateRowFragment, props.templates)
  return (
    <section className="mt-8" aria-labelledby="templates">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="templates">Templates</h2>
        {props.mayChange && (
          <Suspense fallback={null}>
            <SetTemplateButton />
          </Suspense>
        )}
      </div>
      {templates.length > 0 ? (
        <Table label="Templates" columns={columns}>
          {templates.map(({ fileName, kind, platformName }) => (
            <Row key={`${platformName} ${kind}`}>
              <Cell className="name">
                <Link to={paths.template(kind, platformName)} className="font-semibold">
                  <Name>{platformName}</Name>
                </Link>
              </Cell>
              <Cell className="whitespace-nowrap">
                {kind === 'BUILD' ? 'opam packages' : 'builds that are repeated'}
              </Cell>
              <Cell className="whole-line wrap-anywhere text-quiet wide:w-full">
                {fileName === null ? (
                  'in the database'
                ) : (
                  <>
                    the file <code>{fileName}</code>, which wins over the database
                  </>
                )}
              </Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>
          No platform has a template. A template is the script by which any opam package is built on a
          platform: <code>%%OPAM_PACKAGE%%</code> in it stands for the package. Scripts need none.
        </Empty>
      )}
    </section>
  )
}
