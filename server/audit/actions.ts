/** What the audit log has entries of, as `NOUN.VERB`. A new action is one line here. */
export const auditActions = [
  'build.upload',
  'build.remove',
  'build.pin',
  'build.unpin',
  'job.remove',
  'job.update',
  'retention.apply',
  'user.add',
  'user.update',
  'user.disable',
  'user.enable',
  'user.remove',
  'user.password',
  'user.second-factor',
  'access.add',
  'access.remove',
  'token.create',
  'token.revoke',
  'token.exchange',
  'session.sign-in',
  'session.sign-out',
  'session.revoke',
  'webhook.add',
  'webhook.update',
  'webhook.remove',
  'webhook.rotate',
  'webhook.test',
  'webhook.redeliver',
  'analysis.retry',
  'task.retry',
  'configuration.load',
] as const
export type AuditAction = (typeof auditActions)[number]

export const auditResults = ['DONE', 'REFUSED', 'FAILED'] as const
export type AuditResult = (typeof auditResults)[number]
