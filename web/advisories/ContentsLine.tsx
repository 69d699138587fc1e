import { type ReactNode } from 'react'
import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { issueWords } from './issue-words.ts'

const ContentsLineFragment = graphql(`
  fragment ContentsLine on Build {
    contents {
      componentCount
      unidentifiedCount
      openIssueCount
      settledIssueCount
      hasAdvisories
      fixedInPath
    }
    cycloneDx: sbom(format: CYCLONEDX) {
      url
      signedUrl
    }
    spdx: sbom(format: SPDX) {
      url
      signedUrl
    }
  }
`)

/** What is in the build: known issues of its packages, and the list of them to download. */
export function ContentsLine(props: { build: FragmentType<typeof ContentsLineFragment> }) {
  const { contents, cycloneDx, spdx } = readFragment(ContentsLineFragment, props.build)
  if (!contents) return null
  const words = issueWords(contents)
  const isAffected = contents.openIssueCount > 0
  const hasIssues = isAffected || contents.settledIssueCount > 0
  return (
    <p className="mt-3 text-small">
      {hasIssues ? (
        <a href="#issues" className={isAffected ? 'text-warn' : undefined}>
          {isAffected && <Icon name="alarm" className="mr-1 inline-block align-[-0.15em]" />} {words.issues}
        </a>
      ) : contents.hasAdvisories ? (
        <Link to={paths.advisories}>{words.issues}</Link>
      ) : (
        <span>{words.issues}</span>
      )}
      {isAffected && contents.fixedInPath && (
        <>
          {', '}
          <Link to={contents.fixedInPath}>fixed in a later build</Link>
        </>
      )}
      {words.rest}
      {cycloneDx && spdx && (
        <>
          {' · '}
          <Download href={cycloneDx.url}>All packages as CycloneDX</Download>
          <Signed href={cycloneDx.signedUrl} name="CycloneDX" />
          {' or '}
          <Download href={spdx.url}>SPDX</Download>
          <Signed href={spdx.signedUrl} name="SPDX" />
        </>
      )}
    </p>
  )
}

/** The address is that of the site, whatever the page was loaded from. */
const Download = ({ href, children }: { href: string; children: ReactNode }) => (
  <a href={new URL(href).pathname}>{children}</a>
)

function Signed({ href, name }: { href: string | null; name: string }) {
  if (href === null) return null
  return (
    <>
      {' ('}
      <a href={new URL(href).pathname} aria-label={`${name}, signed by this site`}>
        signed
      </a>
      )
    </>
  )
}
