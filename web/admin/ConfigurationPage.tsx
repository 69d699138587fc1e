import type { ApolloClient } from '@apollo/client'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { AdminFrame } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'

const AdminConfigurationQuery = graphql(`
  query AdminConfiguration {
    admin {
      configuration {
        name
        variable
        description
        value
        source
        isReloadable
      }
    }
  }
`)

export const loadConfigurationPage = (client: ApolloClient) => loadAdmin(client, AdminConfigurationQuery, {})

const columns = [{ name: 'Setting' }, { name: 'Value' }, { name: 'From' }, { name: 'What it is' }]

const sources = { FLAG: 'flag', ENVIRONMENT: 'environment', FILE: 'file', DEFAULT: 'default' } as const

/** Every setting, and where its value is from. */
export function ConfigurationPage() {
  const loaded = useLoaded<typeof loadConfigurationPage>()
  return (
    <AdminFrame title="Configuration" command="hub config show" loaded={loaded}>
      {({ configuration }) => (
        <>
          <p className="mb-3 text-quiet">
            Settings are changed on the machine of the server. Those marked “reload” count after a SIGHUP, all
            others after a new start.
          </p>
          <Table label="Settings" columns={columns} className="many-columns">
            {configuration.map((setting) => (
              <Row key={setting.name}>
                <Cell className="whole-line whitespace-nowrap">
                  <code title={setting.variable}>{setting.name}</code>
                </Cell>
                <Cell className="wrap-anywhere roomy:min-w-64">
                  {setting.value === '' ? (
                    <span className="text-quiet">empty</span>
                  ) : (
                    <code>{setting.value}</code>
                  )}
                </Cell>
                <Cell className={setting.source === 'DEFAULT' ? 'text-quiet' : ''}>
                  {sources[setting.source]}
                </Cell>
                <Cell className="whole-line text-quiet roomy:w-full">
                  {setting.description}
                  {setting.isReloadable && ' (reload)'}
                </Cell>
              </Row>
            ))}
          </Table>
        </>
      )}
    </AdminFrame>
  )
}
