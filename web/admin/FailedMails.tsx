import { graphql, readFragment, type FragmentType } from '../gql/index.ts'
import { adminPaths } from '../paths.ts'
import { Link } from 'react-router'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { AdminSection } from './AdminFrame.tsx'

const FailedMailFragment = graphql(`
  fragment FailedMail on Mail {
    userName
    recipient
    subject
    createdAt
    state
    answer
  }
`)

const columns = [{ name: 'Mail' }, { name: 'To' }, { name: 'Written' }, { name: 'What the mail server says' }]

type Mail = FragmentType<typeof FailedMailFragment>

/** Notifications that did not arrive, and why. */
export function FailedMails({ mails }: { mails: readonly (Mail & { id: string })[] }) {
  return (
    <AdminSection title="Mails that could not be delivered">
      <Table label="Mails that could not be delivered" columns={columns}>
        {mails.map((mail) => (
          <FailedMail key={mail.id} mail={mail} />
        ))}
      </Table>
      <p className="mt-2">
        <Link to={adminPaths.tasksOf('SEND_MAIL')}>Their tasks</Link>, to send them again
      </p>
    </AdminSection>
  )
}

function FailedMail({ mail }: { mail: Mail }) {
  const { userName, recipient, subject, createdAt, state, answer } = readFragment(FailedMailFragment, mail)
  return (
    <Row>
      <Cell className="wrap-anywhere">{subject}</Cell>
      <Cell className="wrap-anywhere">
        {recipient} ({userName})
      </Cell>
      <Cell className="whitespace-nowrap">
        <RelativeTime at={createdAt} />
      </Cell>
      <Cell className="wrap-anywhere">
        <span className="text-bad">{state === 'REFUSED' ? 'address refused' : 'failed'}</span> {answer}
      </Cell>
    </Row>
  )
}
