import type { ApolloClient } from '@apollo/client'
import type { LoaderFunctionArgs, RouteObject } from 'react-router'
import type { AdminPath } from '../paths.ts'
import { AuditPage, loadAuditPage } from './AuditPage.tsx'
import { ConfigurationPage, loadConfigurationPage } from './ConfigurationPage.tsx'
import { HookRunPage, loadHookRunPage } from './HookRunPage.tsx'
import { HooksPage, loadHooksPage } from './HooksPage.tsx'
import { JobsPage, loadJobsPage } from './JobsPage.tsx'
import { loadOverviewPage, OverviewPage } from './OverviewPage.tsx'
import { loadRepositoriesPage, RepositoriesPage } from './RepositoriesPage.tsx'
import { loadRetentionPage, RetentionPage } from './RetentionPage.tsx'
import { loadSessionsPage, SessionsPage } from './SessionsPage.tsx'
import { loadTasksPage, TasksPage } from './TasksPage.tsx'
import { loadTokensPage, TokensPage } from './TokensPage.tsx'
import { loadUserPage, UserPage } from './UserPage.tsx'
import { loadUsersPage, UsersPage } from './UsersPage.tsx'
import { loadWebhookDeliveryPage, WebhookDeliveryPage } from './WebhookDeliveryPage.tsx'
import { loadWebhooksPage, WebhooksPage } from './WebhooksPage.tsx'

type Page = {
  Component: NonNullable<RouteObject['Component']>
  load: (client: ApolloClient, args: LoaderFunctionArgs) => Promise<unknown>
}

/** The pages of the administration, by their routes: one part of the application, which nobody else loads. */
export const adminPages: Record<AdminPath, Page> = {
  '/admin': { Component: OverviewPage, load: loadOverviewPage },
  '/admin/users': { Component: UsersPage, load: loadUsersPage },
  '/admin/users/:user': { Component: UserPage, load: loadUserPage },
  '/admin/tokens': { Component: TokensPage, load: loadTokensPage },
  '/admin/sessions': { Component: SessionsPage, load: loadSessionsPage },
  '/admin/audit': { Component: AuditPage, load: loadAuditPage },
  '/admin/jobs': { Component: JobsPage, load: loadJobsPage },
  '/admin/hooks': { Component: HooksPage, load: loadHooksPage },
  '/admin/hooks/:run': { Component: HookRunPage, load: loadHookRunPage },
  '/admin/tasks': { Component: TasksPage, load: loadTasksPage },
  '/admin/webhooks': { Component: WebhooksPage, load: loadWebhooksPage },
  '/admin/webhooks/:delivery': { Component: WebhookDeliveryPage, load: loadWebhookDeliveryPage },
  '/admin/retention': { Component: RetentionPage, load: loadRetentionPage },
  '/admin/repositories': { Component: RepositoriesPage, load: loadRepositoriesPage },
  '/admin/configuration': { Component: ConfigurationPage, load: loadConfigurationPage },
}
