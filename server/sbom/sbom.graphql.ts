import { analysedColumns } from '../analyses/kind.ts'
import { Build } from '../builds/build.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { sbomFormats, sbomPath, signedSbomPath, type SbomFormat } from './sbom-formats.ts'

const Format = builder.enumType('SbomFormat', {
  description: 'A format of bills of materials.',
  values: {
    CYCLONEDX: { description: 'CycloneDX 1.6 as JSON.' },
    SPDX: { description: 'SPDX 2.3 as JSON.' },
  } satisfies Record<SbomFormat, { description: string }>,
})

type Sbom = { job: string; uuid: string; format: SbomFormat; hasOutput: boolean }

const SbomType = builder.objectRef<Sbom>('Sbom').implement({
  description:
    'A bill of materials: the packages that a build contains, with versions, licences and sources.',
  fields: (t) => ({
    format: t.field({ type: Format, description: 'Its format.', resolve: ({ format }) => format }),
    mediaType: t.string({
      description: 'Its media type.',
      resolve: ({ format }) => sbomFormats[format].mediaType,
    }),
    url: t.field({
      type: 'URL',
      description: 'Where to download it.',
      resolve: ({ job, uuid, format }, _args, { siteUrl }) => siteUrl + sbomPath(job, uuid, format),
    }),
    signedUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Where to download the same in a statement that the site has signed. Null: the site signs nothing, or the build has no output.',
      resolve: ({ job, uuid, format, hasOutput }, _args, { config, siteUrl }) =>
        hasOutput && config.signing === 'on' ? siteUrl + signedSbomPath(job, uuid, format) : null,
    }),
  }),
})

builder.prismaObjectField(Build, 'sbom', (t) =>
  t.field({
    type: SbomType,
    nullable: true,
    description:
      'The bill of materials of the build. Null if the build brought no `opam-switch`. It can be downloaded as soon as the analysis `COMPONENTS` is ready.',
    args: {
      format: t.arg({ type: Format, defaultValue: 'CYCLONEDX', description: 'In which format.' }),
    },
    select: { uuid: true, ...analysedColumns, job: { select: { name: true } } },
    resolve: ({ uuid, mainBinarySha256, opamSwitchSha256, job }, { format }) =>
      opamSwitchSha256 === null
        ? null
        : {
            ...{ job: job.name, uuid, format: format ?? 'CYCLONEDX' },
            hasOutput: mainBinarySha256 !== null,
          },
  }),
)
