import { analysedColumns } from '../analyses/kind.ts'
import { loadResult } from '../analyses/load-analyses.ts'
import { modulesResult } from '../analyses/stored-results.ts'
import { Build } from '../builds/build.graphql.ts'
import { batchByField } from '../graphql/batch.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { buildPath } from '../paths.ts'
import {
  findContents,
  fixOf,
  isSettled,
  type AffectedPackage,
  type BuildContents,
  type BuildIssue,
} from './find-contents.ts'
import { isLinked, type Linked } from './is-linked.ts'
import { SeverityEnum, VexType } from './advisory-enums.graphql.ts'
import type { SeverityWord } from '../formats/osv/severity.ts'

export const PackageIdentityEnum = builder.enumType('PackageIdentity', {
  description: 'How it is known that a build has a package.',
  values: {
    SWITCH: { description: 'opam installed it.' },
    CHECKSUM: {
      description: 'A vendored source has the checksum that a switch of this site has for the package.',
    },
    URL: { description: 'The address of a vendored source names the package: probably right, not certain.' },
  },
})

const LinkedEnum = builder.enumType('Linked', {
  description: 'Whether the modules that an advisory names are in the binary.',
  values: {
    LINKED: { description: 'A module with the issue is linked into the binary.' },
    NOT_LINKED: {
      description: 'No module with the issue is linked into the binary. This is a hint, and no proof.',
    },
    UNKNOWN: { description: 'The advisory names no module, or the binary has no symbols.' },
  } satisfies Record<Linked, { description: string }>,
})

const AffectedPackageType = builder.objectRef<AffectedPackage>('AffectedPackage').implement({
  description: 'A package in a build that an advisory is about.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    version: t.exposeString('version', { description: 'The version in the build.' }),
    identifiedBy: t.field({
      type: PackageIdentityEnum,
      description: 'How it is known that the build has it.',
      resolve: ({ identifiedBy }) => identifiedBy,
    }),
    isRequired: t.exposeBoolean('isRequired', {
      description: 'Whether it can be in the output. False: it is a tool that served to build.',
    }),
  }),
})

type IssueOfBuild = BuildIssue & { linked: Linked; linkedModule: string | null }

const BuildIssueType = builder.objectRef<IssueOfBuild>('BuildIssue').implement({
  description: 'A known issue of packages in a build.',
  fields: (t) => ({
    advisory: t.exposeString('id', { description: 'Id of the advisory, such as `OSEC-2026-05`.' }),
    summary: t.exposeString('summary', { description: 'What it is, in a line.' }),
    severity: t.field({
      type: SeverityEnum,
      nullable: true,
      description: 'How bad it is. Null: the advisory does not say.',
      resolve: ({ severity }) => severity as SeverityWord | null,
    }),
    score: t.exposeFloat('score', { nullable: true, description: 'The score of CVSS, from 0 to 10.' }),
    packages: t.field({
      type: [AffectedPackageType],
      description: 'The packages that have it.',
      resolve: ({ packages }) => packages,
    }),
    linked: t.field({
      type: LinkedEnum,
      description: 'Whether the code in question is in the binary.',
      resolve: ({ linked }) => linked,
    }),
    linkedModule: t.exposeString('linkedModule', {
      nullable: true,
      description: 'The module with the issue that is linked into the binary.',
    }),
    vex: t.field({
      type: VexType,
      nullable: true,
      description: 'What the operator says of it. Null: nothing.',
      resolve: ({ vex }) => vex,
    }),
    fixedIn: t.field({
      type: 'UUID',
      nullable: true,
      description: 'The first later build of the job on the platform without the issue.',
      resolve: ({ fixedIn }) => fixedIn?.uuid ?? null,
    }),
  }),
})

type ContentsOfBuild = BuildContents & { all: IssueOfBuild[] }

const BuildContentsType = builder.objectRef<ContentsOfBuild>('BuildContents').implement({
  description: 'What is known of the packages in a build.',
  fields: (t) => ({
    componentCount: t.exposeInt('componentCount', {
      description: 'Number of its packages, and of folders of vendored sources.',
    }),
    unidentifiedCount: t.exposeInt('unidentifiedCount', {
      description: 'Folders of which nobody knows what is in them, so that no advisory is found for them.',
    }),
    hasAdvisories: t.exposeBoolean('hasAdvisories', {
      description: 'Whether the site has any advisories. False: that there are no issues says nothing.',
    }),
    settledIssueCount: t.int({
      description: 'Number of issues that the operator has declared harmless for this build.',
      resolve: ({ issues }) => issues.filter(isSettled).length,
    }),
    openIssueCount: t.int({
      description: 'Number of issues that the operator has not declared harmless for this build.',
      resolve: ({ issues }) => issues.filter((issue) => !isSettled(issue)).length,
    }),
    fixedIn: t.field({
      type: 'UUID',
      nullable: true,
      description:
        'The first later build of the job on the platform without these issues. Null: there is none.',
      resolve: (contents) => fixOf(contents)?.uuid ?? null,
    }),
    fixedInPath: t.string({
      nullable: true,
      description: 'The page of that build.',
      resolve: (contents) => {
        const fix = fixOf(contents)
        return fix && buildPath(contents.job, fix.uuid)
      },
    }),
    issues: t.field({
      type: [BuildIssueType],
      description: 'Known issues of its packages, the worst first.',
      resolve: ({ all }) => all,
    }),
  }),
})

builder.prismaObjectField(Build, 'contents', (t) =>
  t.field({
    type: BuildContentsType,
    nullable: true,
    description:
      'Its packages, and the known issues of them. Null if the build brought no `opam-switch`, and until the analysis `COMPONENTS` is ready.',
    complexity: 20,
    select: { id: true, ...analysedColumns },
    resolve: async (build, _args, context, info) => {
      const contents = await batchByField(context, info, null, build.id, (ids) =>
        findContents(context.db, ids),
      )
      if (!contents) return null
      const units = await unitsOf(context, build, contents)
      const all = contents.issues.map((issue): IssueOfBuild => {
        const { linked, unit } = isLinked(
          issue.packages.flatMap(({ bindings }) => bindings),
          units,
        )
        return { ...issue, linked, linkedModule: unit }
      })
      return { ...contents, all }
    },
  }),
)

/** Looked at only where an advisory names modules. */
async function unitsOf(
  context: Context,
  build: Parameters<typeof loadResult>[3],
  { issues }: BuildContents,
): Promise<string[] | null> {
  if (!issues.some(({ packages }) => packages.some(({ bindings }) => bindings.length > 0))) return null
  return (await loadResult(context, 'MODULES', modulesResult, build))?.units ?? null
}
