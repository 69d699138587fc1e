import { Command, CommanderError } from 'commander'
import { operatorMessage } from '../operator-errors.ts'
import { readVersion } from '../site/read-version.ts'
import { addAccessCommands } from './access.ts'
import { addAnalysisCommands } from './analyse.ts'
import { addAuditCommands } from './audit.ts'
import { addBuildCommands } from './build.ts'
import { setIo, type CommandIo } from './command-io.ts'
import { addCompletionCommand } from './completion.ts'
import { addConfigCommands } from './config.ts'
import { addDiffCommand } from './diff.ts'
import { addDoctorCommand } from './doctor.ts'
import { addManCommand } from './man-page.ts'
import { addNotificationCommands } from './notifications.ts'
import { addMigrateCommands } from './migrate.ts'
import { addExportCommand } from './export.ts'
import { addBackupCommands } from './backup.ts'
import { addRestoreCommand } from './restore.ts'
import { addHookCommands } from './hooks.ts'
import { addImportCommands } from './import.ts'
import { addJobCommands } from './job.ts'
import { addRepositoryCommands } from './repositories.ts'
import { addRebuildFactsCommand } from './rebuild-facts.ts'
import { exitStatus, FoundProblemsError } from './exit-status.ts'
import { addConfigFile, addSettings, dataDirOf, settingsOfAllCommands } from './settings.ts'
import { addTaskCommands } from './tasks.ts'
import { addSessionCommands } from './session.ts'
import { addTokenCommands } from './token.ts'
import { addUserCommands } from './user.ts'
import { addVacuumCommands } from './vacuum.ts'
import { addVerifyCommand } from './verify.ts'
import { addWebhookCommands } from './webhooks.ts'

/**
 * Runs a `hub` command, e.g. `['user', 'list']`, to its end. Returns the exit status. An error that the operator
 * can correct is printed as one line; any other error is a bug, and thrown.
 */
export async function runHub(args: readonly string[], io: CommandIo): Promise<number> {
  // Commands inherit what is set before they are added.
  const hub = new Command('hub').exitOverride()
  setIo(hub, io)
  addSettings(
    hub
      .description(
        'Manage Builder Hub. The commands use the data directory and also work while the server runs.',
      )
      .version(readVersion())
      .configureHelp({ showGlobalOptions: true }),
    settingsOfAllCommands,
  )
  addConfigFile(hub)
  addUserCommands(hub)
  addAccessCommands(hub)
  addTokenCommands(hub)
  addSessionCommands(hub)
  addAuditCommands(hub)
  addConfigCommands(hub)
  addDoctorCommand(hub)
  addDiffCommand(hub)
  addMigrateCommands(hub)
  addBackupCommands(hub)
  addRestoreCommand(hub)
  addAnalysisCommands(hub)
  addRebuildFactsCommand(hub)
  addVerifyCommand(hub)
  addNotificationCommands(hub)
  addTaskCommands(hub)
  addHookCommands(hub)
  addWebhookCommands(hub)
  addImportCommands(hub)
  addExportCommand(hub)
  addBuildCommands(hub)
  addJobCommands(hub)
  addVacuumCommands(hub)
  addRepositoryCommands(hub)
  addCompletionCommand(hub)
  addManCommand(hub)
  try {
    await hub.parseAsync(args, { from: 'user' })
    return exitStatus.done
  } catch (error) {
    // Help, or bad usage: commander has printed what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.badUsage
    const message = operatorMessage(error, dataDirOf(hub))
    if (message === null) throw error
    io.stderr.write(`${message}\n`)
    return error instanceof FoundProblemsError ? exitStatus.foundProblems : exitStatus.failed
  }
}
