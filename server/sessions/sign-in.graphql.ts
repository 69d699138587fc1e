import { findSignInSettings } from '../oidc/sign-in-settings.ts'
import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { SecondFactorRequiredError } from './second-factor-required.ts'
import { signIn, signOut } from './sign-in.ts'
import { ViewerType } from './viewer.graphql.ts'

builder.objectType(SecondFactorRequiredError, {
  name: 'SecondFactorRequired',
  description: 'The password is right, and the user has a second factor: send both again with a code.',
  interfaces: [Refusal],
})

type SignInOptions = { note: string; signInWith: string | null }

const SignInOptionsType = builder.objectRef<SignInOptions>('SignInOptions').implement({
  description: 'How people sign in here.',
  fields: (t) => ({
    note: t.exposeString('note', {
      description: 'What the operator tells them, such as whom to ask for an account. Empty: nothing.',
    }),
    signInWith: t.exposeString('signInWith', {
      nullable: true,
      description:
        'Name of another site at which people can sign in, by OpenID Connect; null: there is none. A browser goes to `/oidc/sign-in?next=PATH` for it.',
    }),
  }),
})

builder.queryField('signInOptions', (t) =>
  t.field({
    type: SignInOptionsType,
    description: 'How people sign in here.',
    resolve: (_root, _args, { config, log }) => ({
      note: config.signInNote,
      signInWith: findSignInSettings({ config, log })?.signIn.name ?? null,
    }),
  }),
)

const SignInInput = builder.inputType('SignInInput', {
  description: 'Who signs in.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the user.' }),
    password: t.string({
      required: true,
      description: 'Password of the user. A token does not count as a password.',
    }),
    code: t.string({
      description: 'Code of the second factor, or a recovery code, if the user has one.',
    }),
  }),
})

builder.mutationField('signIn', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description:
      'Begin a session in this browser. The answer has a cookie, which takes the place of an earlier one. A session ends after 12 hours without a request, and after 30 days.',
    args: { input: t.arg({ type: SignInInput, required: true, description: 'Who signs in.' }) },
    errors: {
      types: [NotAuthorizedError, SecondFactorRequiredError],
      union: { name: 'SignInResult', description: 'Who has signed in, or why nobody has.' },
      result: { name: 'SignInSuccess', description: 'The session has begun.' },
      dataField: { name: 'viewer', description: 'Who has signed in.' },
    },
    resolve: async (_root, { input }, context) => {
      const { address, browser, requestId } = context
      if (browser.isFromOtherSite)
        throw new NotAuthorizedError('a page of another site sent this: sign in on a page of this site')
      const { userAgent, sessionSecret: endedSecret } = browser
      const given = { ...input, code: input.code ?? null }
      const { secret, viewer } = await signIn(context, given, { address, requestId, userAgent, endedSecret })
      browser.giveSession(secret)
      return viewer
    },
  }),
)

builder.mutationField('signOut', (t) =>
  t.boolean({
    nullable: true,
    description: 'End the session of this browser. The answer removes its cookie.',
    errors: {
      types: [NotAuthorizedError],
      union: {
        name: 'SignOutResult',
        description: 'That nobody is signed in now, or why somebody still is.',
      },
      result: { name: 'SignOutSuccess', description: 'Nobody is signed in in this browser now.' },
      dataField: { name: 'wasSignedIn', description: 'There was a session, which has ended.' },
    },
    resolve: async (_root, _args, context) => {
      const { browser } = context
      const wasSignedIn =
        browser.sessionSecret !== null && (await signOut(context, browser.sessionSecret, context))
      browser.endSession()
      return wasSignedIn
    },
  }),
)
