import { builder } from '../graphql/builder.ts'

type Columns = { email: string | null; emailConfirmedAt: Date | null; emailProblem: string | null }
type Address = Columns & { email: string }

/** Prisma's `select` of the columns that `addressOf` takes. */
export const addressColumns = { email: true, emailConfirmedAt: true, emailProblem: true } as const

/** Null: the user has none. */
export const addressOf = ({ email, emailConfirmedAt, emailProblem }: Columns): Address | null =>
  email === null ? null : { email, emailConfirmedAt, emailProblem }

export const EmailAddress = builder.objectRef<Address>('EmailAddress').implement({
  description: 'Where notifications of a user go.',
  fields: (t) => ({
    address: t.exposeString('email', { description: 'The address.' }),
    confirmedAt: t.expose('emailConfirmedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the user, or an administrator, confirmed it; null: nothing is sent there yet.',
    }),
    problem: t.exposeString('emailProblem', {
      nullable: true,
      description:
        'Why the mail server refuses it; null: it does not. Nothing is sent until it is given again.',
    }),
  }),
})
