/** Why signing in at another site did not work, by the names that the server has for it. `name`: of that site. */
export const problems: Record<string, (name: string) => string> = {
  expired: () => 'Signing in took too long, or was begun in another window. Begin once more.',
  denied: (name) => `${name} did not let you sign in, or you stopped there.`,
  unreachable: (name) => `${name} does not answer. Try it again in some minutes.`,
  failed: (name) => `The answer of ${name} cannot be used. Tell the operator of this site.`,
  'not-fresh': (name) => `${name} does not say that you have just given your password there.`,
  'no-name': (name) => `${name} says no name that a user of this site can have. Tell the operator.`,
  'name-taken': () =>
    'Another user of this site has your name already. The operator can remove that user, or you sign in with its password.',
  'no-account': () => 'You are no user of this site. Ask the operator for an account.',
  'no-role': (name) => `None of your groups at ${name} may use this site. Ask the operator.`,
  disabled: () => 'Your account here is disabled. Ask the operator.',
  'too-many': () => 'Too many people have signed in from your network. Wait five minutes.',
}
