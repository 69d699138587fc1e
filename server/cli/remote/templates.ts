import { graphql } from '../../generated/operations/gql.ts'
import { TemplateNotFoundError } from '../../scheduling/errors.ts'
import { templateKinds, type FoundTemplate, type TemplateKind } from '../../scheduling/templates.ts'
import type { PrintedVersion } from '../print-scheduling.ts'
import { allItems } from './all-items.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

const listDocument = graphql(`
  query CommandTemplates($first: Int, $after: String) {
    templates(first: $first, after: $after) {
      nodes {
        kind
        platformName
        source
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandTemplate($kind: TemplateKind!, $platform: String!) {
    template(kind: $kind, platform: $platform) {
      source
      content
    }
  }
`)

const historyDocument = graphql(`
  query CommandTemplateVersions($first: Int, $after: String, $kind: TemplateKind!, $platform: String!) {
    templateVersions(first: $first, after: $after, kind: $kind, platform: $platform) {
      nodes {
        version
        at
        changedBy
        text
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const setDocument = graphql(`
  mutation CommandSetTemplate($kind: TemplateKind!, $platform: String!, $content: String!) {
    setTemplate(kind: $kind, platform: $platform, content: $content) {
      ... on SetTemplateSuccess {
        platformName
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const removeDocument = graphql(`
  mutation CommandRemoveTemplate($kind: TemplateKind!, $platform: String!) {
    removeTemplate(kind: $kind, platform: $platform) {
      ... on RemoveTemplateSuccess {
        platformName
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

type Named = { kind: TemplateKind; platform: string }

/** Which platforms have templates: those of builds first, and by the names of platforms. */
export async function listTemplatesAt(site: RemoteSite): Promise<(Named & Pick<FoundTemplate, 'source'>)[]> {
  const all = await allItems(site, listDocument, {}, ({ templates }) => templates)
  return templateKinds.flatMap((kind) =>
    all.flatMap((one) =>
      one.kind === kind ? [{ kind, platform: one.platformName, source: one.source }] : [],
    ),
  )
}

/** As `findTemplate`. Throws TemplateNotFoundError. */
export async function showTemplateAt(site: RemoteSite, named: Named): Promise<FoundTemplate> {
  const { template } = await site.ask(showDocument, named)
  if (!template) throw new TemplateNotFoundError(missing(named))
  const { content, source } = template
  if (content === null)
    throw new RemoteSiteError('templates are for tokens with the scope "schedule" or "admin:read"')
  return { content, source }
}

/** Says that a platform has no template. */
export const missing = ({ platform }: Pick<Named, 'platform'>) =>
  `${platform} has no template: "hub template set" writes one`

/** The versions of a template in the database, the newest first. */
export async function listTemplateVersionsAt(
  site: RemoteSite,
  named: Named,
  limit: number,
): Promise<PrintedVersion[]> {
  const versions = await allItems(site, historyDocument, named, (answer) => answer.templateVersions, limit)
  return versions.map(({ at, changedBy, ...own }) => ({ ...own, at: toDate(at), actor: changedBy }))
}

/** Writes a template, and returns where the one that counts is. */
export async function setTemplateAt(
  site: RemoteSite,
  { content, ...named }: Named & { content: string },
): Promise<FoundTemplate['source'] | null> {
  await site.act(setDocument, { ...named, content })
  return (await site.ask(showDocument, named)).template?.source ?? null
}

export async function removeTemplateAt(site: RemoteSite, named: Named): Promise<void> {
  await site.act(removeDocument, named)
}
