import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { lazy, Suspense } from 'react'
import { Link, type LoaderFunctionArgs, useNavigate } from 'react-router'
import { readName } from '../address/read-name.ts'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import type { TemplateKind } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { Breadcrumb } from '../shell/Breadcrumb.tsx'
import { NotFound } from '../shell/NotFound.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { useMaySchedule } from './may-schedule.ts'
import { VersionList } from './VersionList.tsx'

const SetTemplateButton = lazy(() => import('./SetTemplateButton.tsx'))
const RemoveTemplateButton = lazy(() => import('./RemoveTemplateButton.tsx'))

const TemplatePageQuery = graphql(`
  query TemplatePage($kind: TemplateKind!, $platform: String!) {
    template(kind: $kind, platform: $platform) {
      source
      fileName
      content
    }
    templateVersions(kind: $kind, platform: $platform, first: 10) {
      nodes {
        version
        ...VersionList
      }
    }
  }
`)

export async function loadTemplatePage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const platform = readName(params['platform'])
  const kind: TemplateKind = params['kind'] === 'rebuild' ? 'REBUILD' : 'BUILD'
  return { kind, platform, query: await preload(client, TemplatePageQuery, { kind, platform }) }
}

/** The template of a platform, and what it was before. */
export function TemplatePage() {
  const { kind, platform, query } = useLoaded<typeof loadTemplatePage>()
  const { template, templateVersions } = useReadQuery(query).data
  const mayChange = useMaySchedule()
  const navigate = useNavigate()
  const versions = templateVersions?.nodes ?? []
  if (!template && versions.length === 0)
    return <NotFound what={`There is no such template for the platform “${platform}”.`} />
  const title = kind === 'BUILD' ? 'Template of' : 'Template to repeat builds on'
  const known = template?.content != null ? { kind, platform, content: template.content } : null
  return (
    <>
      <PageTitle>{`${title} ${visibleName(platform)} · Builder Hub`}</PageTitle>
      <Breadcrumb trail={[{ to: paths.schedule, label: 'Schedule' }]} here={platform} />
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h1 className="min-w-0 wrap-anywhere">
          {title} <Name>{platform}</Name>
        </h1>
        {mayChange && template?.source === 'DATABASE' && known && (
          <Suspense fallback={null}>
            <span className="flex gap-1">
              <SetTemplateButton known={known} />
              <RemoveTemplateButton
                kind={kind}
                platform={platform}
                onDone={() => void navigate(paths.schedule)}
              />
            </span>
          </Suspense>
        )}
      </div>
      {template?.source === 'FILE' && (
        <p className="mb-3">
          It is the file <code>{template.fileName}</code> of the configuration folder, which is changed there,
          and wins over the database.
        </p>
      )}
      {known ? (
        <CodeBlock text={known.content} label="Template" />
      ) : (
        <Empty>
          {template ? (
            <>
              Only who may schedule sees templates:{' '}
              <Link to={paths.login(paths.template(kind, platform))}>sign in</Link>.
            </>
          ) : (
            'It was removed: this is what it was.'
          )}
        </Empty>
      )}
      {versions.length > 0 && (
        <section className="mt-8" aria-labelledby="history">
          <h2 id="history" className="mb-2">
            History in the database
          </h2>
          <VersionList versions={versions} path={platform} />
        </section>
      )}
    </>
  )
}
