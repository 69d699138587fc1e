import type { Right } from './rights.ts'

/** `own`: the field checks itself what the viewer may do. `none`: for everybody, also on a private site. */
export type Need = Right | 'own' | 'none'

/**
 * What a viewer needs for a field of the API, as `Type.field`. Every mutation is listed: the schema cannot be built
 * without. A field of Query or Subscription that is not listed needs `read`, which everybody has on a public site.
 * A field of another type that is not listed needs nothing more than what leads to it.
 */
export const neededRights: Readonly<Record<string, Need>> = {
  // Everything that only administrators see is below it.
  'Query.admin': 'admin:read',
  'Mutation.retryTask': 'admin',
  'Mutation.retryHookRun': 'admin',
  'Mutation.testHook': 'admin',
  'Mutation.retryFailedAnalyses': 'admin',
  'Mutation.applyRetention': 'admin',
  'Mutation.pinBuild': 'admin',
  'Mutation.unpinBuild': 'admin',
  'Mutation.rebuildRepositories': 'admin',
  'Mutation.removeBuild': 'admin',
  'Mutation.setVex': 'admin',
  'Mutation.updateJob': 'admin',
  'Mutation.removeJob': 'admin',
  'Mutation.addUser': 'admin',
  'Mutation.updateUser': 'admin',
  'Mutation.removeUser': 'admin',
  'Mutation.addAccess': 'admin',
  'Mutation.removeAccess': 'admin',
  'Mutation.createToken': 'admin',
  'Mutation.revokeToken': 'admin',
  'Mutation.endSession': 'admin',
  'Mutation.setUserEmail': 'admin',
  'Mutation.addWebhook': 'admin',
  'Mutation.updateWebhook': 'admin',
  'Mutation.removeWebhook': 'admin',
  'Mutation.rotateWebhookSecret': 'admin',
  'Mutation.testWebhook': 'admin',
  'Mutation.redeliverWebhook': 'admin',
  'Mutation.scheduleJob': 'schedule',
  'Mutation.updateSchedule': 'schedule',
  'Mutation.removeSchedule': 'schedule',
  'Mutation.reschedule': 'schedule',
  'Mutation.pauseSchedule': 'schedule',
  'Mutation.resumeSchedule': 'schedule',
  'Mutation.runJob': 'schedule',
  'Mutation.cancelRun': 'schedule',
  'Mutation.retryRun': 'schedule',
  'Mutation.rebuildBuild': 'schedule',
  'Mutation.pauseQueue': 'schedule',
  'Mutation.resumeQueue': 'schedule',
  'Mutation.dropPlatform': 'schedule',
  'Mutation.undropPlatform': 'schedule',
  'Mutation.setSectionPolicy': 'schedule',
  'Mutation.removeSectionPolicy': 'schedule',
  'Mutation.setTemplate': 'schedule',
  'Mutation.removeTemplate': 'schedule',
  'Query.nextTimes': 'schedule',
  'Mutation.attest': 'attest',
  'Mutation.registerKey': 'attest',
  'Mutation.revokeKey': 'attest',
  // It needs `upload`, and logs each refusal.
  'Mutation.uploadBuild': 'own',
  // A token to upload alone reads no build through its answer.
  'UploadBuildSuccess.build': 'read',
  // Who has not signed in yet asks them.
  'Query.viewer': 'none',
  'Query.signInOptions': 'none',
  'Mutation.signIn': 'none',
  'Mutation.signOut': 'none',
  // Each needs a session of the user whose account it changes.
  'Mutation.signInAgain': 'own',
  'Mutation.revokeSession': 'own',
  'Mutation.signOutEverywhere': 'own',
  'Mutation.changePassword': 'own',
  'Mutation.createOwnToken': 'own',
  'Mutation.revokeOwnToken': 'own',
  'Mutation.startSecondFactor': 'own',
  'Mutation.enableSecondFactor': 'own',
  'Mutation.disableSecondFactor': 'own',
  'Mutation.subscribe': 'own',
  'Mutation.updateSubscription': 'own',
  'Mutation.unsubscribe': 'own',
  'Mutation.setEmail': 'own',
  'Mutation.confirmEmail': 'own',
  'Mutation.setQuietHours': 'own',
  'Mutation.sendTestMail': 'own',
  'Mutation.removeSecondFactor': 'admin',
}

/** The need of a field; null: none of its own. Throws for a mutation without one. */
export function needOf(typeName: string, fieldName: string): Need | null {
  const listed = neededRights[`${typeName}.${fieldName}`]
  if (listed !== undefined) return listed
  if (typeName === 'Mutation')
    throw new Error(`Mutation.${fieldName} needs a line in server/users/needed-rights.ts`)
  return typeName === 'Query' || typeName === 'Subscription' ? 'read' : null
}
