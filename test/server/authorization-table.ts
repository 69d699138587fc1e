import type { Right } from '../../server/users/rights.ts'

/** `person`: an administrator, and no token. `session`: a user who has signed in, and no other. `nothing`: for everybody, also on a private site. */
export type Needs = Right | 'person' | 'session' | 'nothing'

/** What every mutation, and every field that has a need of its own, needs. The test fails if one is missing. */
export const fields: Record<string, Needs> = {
  'Mutation.addUser': 'person',
  'Mutation.updateUser': 'person',
  'Mutation.removeUser': 'admin',
  'Mutation.addAccess': 'admin',
  'Mutation.removeAccess': 'admin',
  'Mutation.createToken': 'person',
  'Mutation.revokeToken': 'admin',
  'Mutation.endSession': 'admin',
  'Mutation.applyRetention': 'admin',
  'Mutation.changePassword': 'session',
  'Mutation.createOwnToken': 'session',
  'Mutation.disableSecondFactor': 'session',
  'Mutation.enableSecondFactor': 'session',
  'Mutation.pinBuild': 'admin',
  'Mutation.removeBuild': 'admin',
  'Mutation.removeJob': 'admin',
  'Mutation.removeSecondFactor': 'person',
  'Mutation.retryFailedAnalyses': 'admin',
  'Mutation.retryHookRun': 'admin',
  'Mutation.retryTask': 'admin',
  'Mutation.revokeOwnToken': 'session',
  'Mutation.revokeSession': 'session',
  'Mutation.signIn': 'nothing',
  'Mutation.signInAgain': 'session',
  'Mutation.signOut': 'nothing',
  'Mutation.signOutEverywhere': 'session',
  'Mutation.startSecondFactor': 'session',
  'Mutation.testHook': 'admin',
  'Mutation.unpinBuild': 'admin',
  'Mutation.updateJob': 'admin',
  'Mutation.uploadBuild': 'upload',
  'UploadBuildSuccess.build': 'read',
  'Query.admin': 'admin:read',
  'Query.signInOptions': 'nothing',
  'Query.viewer': 'nothing',
}

/** What changes users, tokens and keys, or removes something: a session needs a password that was given a short time ago. */
export const freshFields = [
  'Mutation.addAccess',
  'Mutation.addUser',
  'Mutation.applyRetention',
  'Mutation.createOwnToken',
  'Mutation.createToken',
  'Mutation.enableSecondFactor',
  'Mutation.endSession',
  'Mutation.removeAccess',
  'Mutation.removeBuild',
  'Mutation.removeJob',
  'Mutation.removeSecondFactor',
  'Mutation.removeUser',
  'Mutation.revokeOwnToken',
  'Mutation.revokeToken',
  'Mutation.startSecondFactor',
  'Mutation.updateUser',
]

/**
 * What a plain HTTP route needs; `read` is needed on a private site alone. The fields of /graphql have rows of their own. The
 * test fails if a route is missing.
 */
export const routes: Record<string, Needs> = {
  '/job/:job/build/:uuid/f/*': 'read',
  '/job/:job/build/:uuid/console': 'read',
  '/job/:job/build/:uuid/console-entries': 'read',
  '/job/:job/build/:uuid/script': 'read',
  '/job/:job/build/:uuid/main-binary': 'read',
  '/job/:job/build/latest': 'read',
  '/job/:job/build/latest/*': 'read',
  '/hash': 'read',
  '/job/:job/build/:uuid/all.tar.gz': 'read',
  '/job/:job/build/:uuid/exec': 'read',
  '/feed.atom': 'read',
  '/job/:job/feed.atom': 'read',
  '/platform/:platform/feed.atom': 'read',
  '/job/:job/badge.svg': 'read',
  '/': 'read',
  '/all-builds': 'read',
  '/account': 'read',
  '/admin': 'read',
  '/admin/users': 'read',
  '/admin/users/:user': 'read',
  '/admin/tokens': 'read',
  '/admin/sessions': 'read',
  '/admin/audit': 'read',
  '/admin/jobs': 'read',
  '/admin/tasks': 'read',
  '/admin/retention': 'read',
  '/admin/configuration': 'read',
  '/failed-builds': 'read',
  '/search': 'read',
  '/job/:job': 'read',
  '/job/:job/failed': 'read',
  '/job/:job/build/:uuid': 'read',
  '/platforms': 'read',
  '/platform/:platform': 'read',
  '/compare/:left/:right': 'read',
  '/job/:job/build/:uuid/vizdependencies': 'read',
  '/job/:job/build/:uuid/viztreemap': 'read',
  '/graphql': 'nothing',
  '/login': 'nothing',
  '/oidc/token': 'nothing',
  '/oidc/sign-in': 'nothing',
  '/oidc/callback': 'nothing',
  '/health/live': 'nothing',
  '/health/ready': 'nothing',
  '/ready': 'nothing',
  '/robots.txt': 'nothing',
  '/upload': 'upload',
  '/job/:job/platform/:platform/upload': 'upload',
}

/** Somebody who sends a request, and what that request may do. The rights of jobs are those for the job `hello`. */
export type Sender = { rights: readonly Right[]; isSession?: boolean; isToken?: boolean; isRefused?: boolean }

const all: readonly Right[] = ['read', 'upload', 'schedule', 'admin:read', 'admin']

/** `isRefused`: the credentials themselves do not count. */
export const senders = {
  nobody: { rights: [] },
  'password of a reader': { rights: ['read'] },
  'password of an uploader': { rights: ['read', 'upload'] },
  'password of an administrator': { rights: all },
  'password of a disabled administrator': { rights: [], isRefused: true },
  'wrong password of an administrator': { rights: [], isRefused: true },
  'token to read': { rights: ['read'] },
  'token for the job': { rights: ['upload'] },
  'token for another job': { rights: [] },
  'token to see what administrators see': { rights: ['read', 'admin:read'] },
  'token for everything': { rights: all, isToken: true },
  'token as the password of Basic': { rights: all, isToken: true },
  'token for everything of a user who is an uploader now': { rights: ['read', 'upload'] },
  'token of a disabled administrator': { rights: [], isRefused: true },
  'token that was revoked': { rights: [], isRefused: true },
  'token that has expired': { rights: [], isRefused: true },
  'token for another network': { rights: [], isRefused: true },
  'session of a reader': { rights: ['read'], isSession: true },
  'session of an administrator': { rights: all, isSession: true },
  'session of an administrator for some time': { rights: all, isSession: true },
  // A browser goes on sending the cookie: it is nobody's.
  'session that is over': { rights: [] },
} satisfies Record<string, Sender>
