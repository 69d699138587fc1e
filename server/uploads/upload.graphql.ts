import { actorOf } from '../audit/actor.ts'
import { Build } from '../builds/build.graphql.ts'
import { DomainError, MalformedError, RecordTooLargeError, StorageFullError } from '../errors.ts'
import { builder, type Context } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { auditRefusal } from './audit-refusal.ts'
import { BuildExistsError } from './errors.ts'
import { receiveBuild, type NamedBuild, type ReceivedBuild } from './receive-build.ts'

builder.objectType(BuildExistsError, {
  name: 'BuildExistsError',
  description: 'A build with this UUID is already stored. The uploaded record was dropped.',
  interfaces: [Refusal],
  fields: (t) => ({ uuid: t.expose('uuid', { type: 'UUID', description: 'The UUID.' }) }),
})
builder.objectType(MalformedError, {
  name: 'MalformedRecordError',
  description: 'What was sent is not a build record.',
  interfaces: [Refusal],
  fields: (t) => ({
    offsetBytes: t.expose('offset', {
      type: 'ByteSize',
      description: 'Where in the record it goes wrong, in bytes from its start.',
    }),
  }),
})
builder.objectType(RecordTooLargeError, {
  name: 'RecordTooLargeError',
  description: 'The record exceeds a limit that the operator has set.',
  interfaces: [Refusal],
})
builder.objectType(StorageFullError, {
  name: 'StorageFullError',
  description: 'The server has no room for the record; nothing of it was kept.',
  interfaces: [Refusal],
})

const UploadBuildInput = builder.inputType('UploadBuildInput', {
  description: 'What to upload.',
  fields: (t) => ({
    record: t.field({
      type: 'File',
      required: true,
      description: 'The build record in DER, as builder-server sends it and writes it to its disk as `full`.',
    }),
  }),
})

builder.mutationField('uploadBuild', (t) =>
  t.prismaField({
    type: Build,
    nullable: true,
    description:
      'Store a build. `UploadBuildSuccess` means that the whole build is durable; any other result means that nothing was stored. Send a multipart request (https://github.com/jaydenseric/graphql-multipart-request-spec) with Basic credentials. Such a request needs no CSRF header.',
    args: { input: t.arg({ type: UploadBuildInput, required: true, description: 'What to upload.' }) },
    errors: {
      types: [BuildExistsError, MalformedError, NotAuthorizedError, RecordTooLargeError, StorageFullError],
      union: { name: 'UploadBuildResult', description: 'The stored build, or why it was refused.' },
      result: {
        name: 'UploadBuildSuccess',
        description: 'The build is stored and visible.',
        fields: (f) => ({
          uuid: f.expose('uuid', { type: 'UUID', description: 'UUID of the stored build.' }),
        }),
      },
      dataField: {
        name: 'build',
        description:
          'The stored build. It needs the right `read`, which a token for uploads does not have on a private site: ask for `uuid` there.',
      },
    },
    resolve: async (query, _root, { input }, context) => {
      const { uuid } = await receive(context, input.record.chunks)
      // The selection is empty when only `__typename` or refusals are asked for, which Prisma refuses.
      const selection = query.select ? { ...query, select: { ...query.select, id: true, uuid: true } } : query
      return context.db.build.findUniqueOrThrow({ ...selection, where: { uuid } })
    },
  }),
)

/** Store a build, and log why it is refused: the status of the response does not tell. */
async function receive(context: Context, record: AsyncIterable<Uint8Array>): Promise<ReceivedBuild> {
  const { address, claimedName, log, requestId } = context
  const named: NamedBuild = { requestId }
  let actor = actorOf(null, { address, requestId })
  try {
    const user = await context.requireRight('upload')
    actor = actorOf(user, { address, requestId })
    return await receiveBuild(context, user, record, named, actor)
  } catch (error) {
    if (error instanceof DomainError) {
      log.info({ user: claimedName, address, ...named, reason: error.message }, 'upload refused')
      auditRefusal(context, error, actor, named)
    }
    throw error
  }
}
