import { Build } from '../../builds/build.graphql.ts'
import type { Solo5Device, Solo5Target } from '../../formats/solo5.ts'
import { batchByField } from '../../graphql/batch.ts'
import { builder } from '../../graphql/builder.ts'
import { Job } from '../../jobs/job.graphql.ts'
import { analysedColumns } from '../kind.ts'
import { loadSummary } from '../load-analyses.ts'
import { solo5Result } from '../stored-results.ts'
import type { Solo5Result } from './analyse-solo5.ts'
import { findNewestSolo5 } from './newest-solo5.ts'

const Solo5TargetEnum = builder.enumType('Solo5Target', {
  description: 'What a unikernel was linked to run on.',
  values: {
    HVT: { value: 'hvt', description: 'Hardware virtualization: the tender `solo5-hvt`.' },
    SPT: { value: 'spt', description: 'A sandboxed process on Linux: the tender `solo5-spt`.' },
    VIRTIO: { value: 'virtio', description: 'A virtual machine with virtio devices, such as QEMU or bhyve.' },
    MUEN: { value: 'muen', description: 'A subject of the Muen separation kernel.' },
    GENODE: { value: 'genode', description: 'A component of the Genode framework.' },
    XEN: { value: 'xen', description: 'A Xen guest of type PVH.' },
  } satisfies Record<string, { value: Solo5Target; description: string }>,
})

const Solo5DeviceType = builder.enumType('Solo5DeviceType', {
  description: 'What kind of device a unikernel needs.',
  values: {
    BLOCK_BASIC: { description: 'A block device, such as a disk image.' },
    NET_BASIC: { description: 'A network device, such as a TAP interface.' },
  },
})

const Device = builder.objectRef<Solo5Device>('Solo5Device').implement({
  description: 'A device that a unikernel needs. A unikernel starts only if it gets all its devices.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'Its name in the manifest. Of any characters, though Solo5 makes names of letters and digits only.',
    }),
    type: t.field({ type: Solo5DeviceType, description: 'What kind it is.', resolve: ({ type }) => type }),
  }),
})

const namesOf = ({ manifest }: Solo5Result, wanted: Solo5Device['type']): string[] =>
  (manifest?.devices ?? []).filter(({ type }) => type === wanted).map(({ name }) => name)

export const Solo5 = builder.objectRef<Solo5Result>('Solo5').implement({
  description:
    'How to run a main binary, read from the Solo5 notes `.note.solo5.abi` and `.note.solo5.manifest`.',
  fields: (t) => ({
    target: t.field({
      type: Solo5TargetEnum,
      nullable: true,
      description:
        'Target that the unikernel runs on. Null if the binary is not a unikernel or its ABI note cannot be read; `reason` says which.',
      resolve: ({ abi }) => abi?.target ?? null,
    }),
    abiVersion: t.int({
      nullable: true,
      description:
        "Version of the target's interface. The tender must have the same version. Null if `target` is null.",
      resolve: ({ abi }) => abi?.version ?? null,
    }),
    manifestVersion: t.int({
      nullable: true,
      description:
        'Version of the manifest. Null if the manifest is missing or cannot be read; `reason` says which.',
      resolve: ({ manifest }) => manifest?.version ?? null,
    }),
    devices: t.field({
      type: [Device],
      description: 'The devices that it needs, as the manifest lists them.',
      resolve: ({ manifest }) => manifest?.devices ?? [],
    }),
    netDevices: t.stringList({
      description: 'Names of the network devices among them.',
      resolve: (result) => namesOf(result, 'NET_BASIC'),
    }),
    blockDevices: t.stringList({
      description: 'Names of the block devices among them.',
      resolve: (result) => namesOf(result, 'BLOCK_BASIC'),
    }),
    reason: t.string({
      nullable: true,
      description:
        'Why target or manifest is missing, such as `not a Solo5 unikernel: it is no ELF file but a Debian package`; null when both are there.',
      resolve: ({ reason }) => reason,
    }),
  }),
})

builder.prismaObjectField(Build, 'solo5', (t) =>
  t.field({
    type: Solo5,
    nullable: true,
    description:
      'Solo5 target and devices of the main binary. Null if the build has no main binary, and until the first analysis (see `analyses`).',
    select: analysedColumns,
    resolve: (build, _args, context) => loadSummary(context, 'SOLO5', solo5Result, build),
  }),
)

builder.prismaObjectField(Job, 'solo5', (t) =>
  t.field({
    type: Solo5,
    nullable: true,
    description:
      "Solo5 target and devices of the job's newest main binary. Null if that binary is not a Solo5 unikernel, and until the first analysis.",
    resolve: async (job, _args, context, info) => {
      const result = await batchByField(context, info, null, job.id, (ids) => findNewestSolo5(context, ids))
      return result?.abi || result?.manifest ? result : null
    },
  }),
)
