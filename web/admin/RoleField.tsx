import { useId } from 'react'
import type { Role } from '../gql/graphql.ts'
import { roleWords } from '../ui/role-words.ts'
import { textOf } from './ActButton.tsx'

const notes: Record<Role, string> = {
  ADMIN: 'may do everything',
  UPLOADER: 'uploads builds of some jobs, or of every job',
  READER: 'sees the site, also if it is private',
  WORKER: 'connects workers by its tokens, and nothing else',
}

const choices = ['UPLOADER', 'READER', 'WORKER', 'ADMIN'] as const satisfies readonly Role[]

/** The role that a form names. */
export function readRole(form: FormData): Role {
  const text = textOf(form, 'role')
  return choices.find((one) => one === text) ?? 'UPLOADER'
}

export function RoleField({ role }: { role: Role }) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="block text-small text-quiet">
        Role
      </label>
      <select
        id={id}
        name="role"
        defaultValue={role}
        className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
      >
        {choices.map((one) => (
          <option key={one} value={one}>
            {roleWords[one]}: {notes[one]}
          </option>
        ))}
      </select>
    </div>
  )
}
