import { Command, CommanderError } from 'commander'
import { operatorMessage } from '../operator-errors.ts'
import { readVersion } from '../site/read-version.ts'
import { addAccessCommands } from './access.ts'
import { addAdvisoryCommands } from './advisories.ts'
import { addAnalysisCommands } from './analyse.ts'
import { addAuditCommands } from './audit.ts'
import { addBuildCommands } from './build.ts'
import { setIo, type CommandIo } from './command-io.ts'
import { addCompletionCommand } from './completion.ts'
import { addConfigCommands } from './config.ts'
import { addBisectCommand } from './bisect.ts'
import { addDiffCommand } from './diff.ts'
import { addDoctorCommand } from './doctor.ts'
import { addManCommand } from './man-page.ts'
import { addNotificationCommands } from './notifications.ts'
import { addMigrateCommands } from './migrate.ts'
import { addMigrateStoreCommand } from './migrate-store.ts'
import { addExportCommand } from './export.ts'
import { addBackupCommands } from './backup.ts'
import { addRestoreCommand } from './restore.ts'
import { addHookCommands } from './hooks.ts'
import { addImportCommands } from './import.ts'
import { addJobCommands } from './job.ts'
import { addListCommand } from './list.ts'
import { addKeyCommands } from './key.ts'
import { addLogCommands } from './log.ts'
import { addWitnessCommands } from './witness.ts'
import { addAttestCommands } from './attest.ts'
import { addPackageCommands } from './package.ts'
import { addPolicyCommands } from './policy.ts'
import { addRepositoryCommands } from './repositories.ts'
import { addRebuildFactsCommand } from './rebuild-facts.ts'
import { EndedError, exitStatus, FoundProblemsError } from './exit-status.ts'
import { addConfigFile, addRemoteSite, addSettings, dataDirOf, settingsOfAllCommands } from './settings.ts'
import { addTaskCommands } from './tasks.ts'
import { addQueueCommands } from './queue.ts'
import { addRunCommands } from './run.ts'
import { addSbomCommand } from './sbom.ts'
import { addSearchCommand } from './search.ts'
import { addScheduleCommands } from './schedule.ts'
import { addTemplateCommands } from './template.ts'
import { addSessionCommands } from './session.ts'
import { addTokenCommands } from './token.ts'
import { addUserCommands } from './user.ts'
import { addVacuumCommands } from './vacuum.ts'
import { addVerifyCommand } from './verify.ts'
import { addVerifyFileCommand } from './verify-file.ts'
import { addVexCommands } from './vex.ts'
import { addWebhookCommands } from './webhooks.ts'
import { addWorkerList } from './list-workers.ts'
import { addWorkerCommand } from './worker.ts'

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
        'Manage Builder Hub. The commands use the data directory and also work while the server runs; with --hub many of them reach a site elsewhere by its API.',
      )
      .version(readVersion())
      .configureHelp({ showGlobalOptions: true }),
    settingsOfAllCommands,
  )
  addConfigFile(hub)
  addRemoteSite(hub)
  addUserCommands(hub)
  addAccessCommands(hub)
  addTokenCommands(hub)
  addSessionCommands(hub)
  addAuditCommands(hub)
  addConfigCommands(hub)
  addDoctorCommand(hub)
  addDiffCommand(hub)
  addBisectCommand(hub)
  addSearchCommand(hub)
  addMigrateCommands(hub)
  addMigrateStoreCommand(hub)
  addBackupCommands(hub)
  addRestoreCommand(hub)
  addAnalysisCommands(hub)
  addRebuildFactsCommand(hub)
  addVerifyCommand(hub)
  addVerifyFileCommand(hub)
  addSbomCommand(hub)
  addAdvisoryCommands(hub)
  addVexCommands(hub)
  addPackageCommands(hub)
  addNotificationCommands(hub)
  addTaskCommands(hub)
  addHookCommands(hub)
  addWebhookCommands(hub)
  addImportCommands(hub)
  addExportCommand(hub)
  addListCommand(hub)
  addBuildCommands(hub)
  addJobCommands(hub)
  addScheduleCommands(hub)
  addRunCommands(hub)
  addQueueCommands(hub)
  addTemplateCommands(hub)
  addVacuumCommands(hub)
  addRepositoryCommands(hub)
  addKeyCommands(hub)
  addLogCommands(hub)
  addWitnessCommands(hub)
  addPolicyCommands(hub)
  addAttestCommands(hub)
  addWorkerList(addWorkerCommand(hub))
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
    if (error instanceof EndedError) return error.status
    return error instanceof FoundProblemsError ? exitStatus.foundProblems : exitStatus.failed
  }
}
