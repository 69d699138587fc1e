import { resultOf } from '../admin/refusals.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { SignInAgainError } from '../sessions/require-fresh-session.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { InvalidScheduleError, TemplateNotFoundError, UnknownPlatformError } from './errors.ts'
import { dropPlatform, pauseQueue, resumeQueue, undropPlatform } from './queues.ts'
import { freshSchedulingAct, schedulingAct } from './scheduling-act.ts'
import { TemplateKindEnum } from './templates.graphql.ts'
import { removeTemplate, setTemplate } from './templates.ts'

builder.mutationFields((t) => {
  const platform = () => t.arg.string({ required: true, description: 'Name of the platform.' })
  const kind = () => t.arg({ type: TemplateKindEnum, required: true, description: 'What it is for.' })
  const result = (name: string, success: string) =>
    resultOf(name, success, 'platformName', 'Name of the platform.')
  return {
    pauseQueue: t.string({
      nullable: true,
      description: 'Give no runs of a platform to workers. What runs goes on.',
      args: { platform: platform() },
      errors: {
        types: [NotAuthorizedError, UnknownPlatformError],
        ...result('PauseQueue', 'The queue is paused.'),
      },
      resolve: async (_root, { platform }, context) => {
        await pauseQueue(context, await schedulingAct(context), { platform })
        return platform
      },
    }),
    resumeQueue: t.string({
      nullable: true,
      description: 'Give runs of a platform to workers again.',
      args: { platform: platform() },
      errors: {
        types: [NotAuthorizedError, UnknownPlatformError],
        ...result('ResumeQueue', 'The queue goes on.'),
      },
      resolve: async (_root, { platform }, context) => {
        await resumeQueue(context, await schedulingAct(context), { platform })
        return platform
      },
    }),
    dropPlatform: t.string({
      nullable: true,
      description:
        'Give a platform up: its queue, and the schedules of its scripts. What runs goes on; opam packages are not queued for it any more.',
      args: { platform: platform() },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, UnknownPlatformError],
        ...result('DropPlatform', 'The platform is dropped.'),
      },
      resolve: async (_root, { platform }, context) => {
        await dropPlatform(context, await freshSchedulingAct(context), { platform })
        return platform
      },
    }),
    undropPlatform: t.string({
      nullable: true,
      description:
        'Take a platform back that was dropped: its queue comes into being when a worker asks, with everything that fits.',
      args: { platform: platform() },
      errors: {
        types: [NotAuthorizedError, UnknownPlatformError],
        ...result('UndropPlatform', 'The platform is taken back.'),
      },
      resolve: async (_root, { platform }, context) => {
        await undropPlatform(context, await schedulingAct(context), { platform })
        return platform
      },
    }),
    setTemplate: t.string({
      nullable: true,
      description:
        'Write a template into the database. A file of the configuration folder wins over it: `Template.source` says which one counts.',
      args: {
        kind: kind(),
        platform: platform(),
        content: t.arg.string({
          required: true,
          description: 'Its text, in which `%%OPAM_PACKAGE%%` and `%%PLATFORM%%` are replaced.',
        }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, InvalidScheduleError],
        ...result('SetTemplate', 'The template is as asked for.'),
      },
      resolve: async (_root, { kind, platform, content }, context) => {
        await setTemplate(context, await freshSchedulingAct(context), { kind, platform, content })
        return platform
      },
    }),
    removeTemplate: t.string({
      nullable: true,
      description: 'Remove a template from the database. Its history stays.',
      args: { kind: kind(), platform: platform() },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, TemplateNotFoundError],
        ...result('RemoveTemplate', 'The template is removed.'),
      },
      resolve: async (_root, { kind, platform }, context) => {
        await removeTemplate(context, await freshSchedulingAct(context), { kind, platform })
        return platform
      },
    }),
  }
})
