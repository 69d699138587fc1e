import { keyOf, type SettingSource } from '../../config.ts'
import { graphql } from '../../generated/operations/gql.ts'
import type { KeyOfCommandFragment } from '../../generated/operations/graphql.ts'
import type { KeyForms } from '../../signing/list-keys.ts'
import type { PrintedKey, PrintedMail, PrintedSetting } from '../print-site.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

export const keyFragment = graphql(`
  fragment KeyOfCommand on SigningKey {
    purpose
    algorithm
    keyId
    publicKey
    activeFrom
    retiredAt
    revokedAt
    revokedSince
    revokedFor
    introduction
  }
`)

const keysDocument = graphql(`
  query CommandKeys {
    keys {
      ...KeyOfCommand
    }
  }
`)

const keyFormsDocument = graphql(`
  query CommandKeysInAllForms {
    keys {
      ...KeyOfCommand
      jwkThumbprint
      inTotoKeyId
      minisign
      ssh
      verifierKey
    }
  }
`)

const mailsDocument = graphql(`
  query CommandMails($isFailed: Boolean) {
    admin {
      mails(isFailed: $isFailed) {
        id
        userName
        recipient
        subject
        createdAt
        sentAt
        state
        attempts
        answer
        taskId
      }
    }
  }
`)

const settingsDocument = graphql(`
  query CommandSettings {
    admin {
      configuration {
        name
        value
        source
      }
    }
  }
`)

/** As `listKeys`. */
export const listKeysAt = async (site: RemoteSite): Promise<PrintedKey[]> =>
  (await site.ask(keysDocument, {})).keys.map(toKey)

/** As `listKeys`, with `formsOf` each. */
export async function listKeysInAllForms(site: RemoteSite): Promise<(PrintedKey & { forms: KeyForms })[]> {
  const { keys } = await site.ask(keyFormsDocument, {})
  return keys.map(({ jwkThumbprint, inTotoKeyId, minisign, ssh, verifierKey, ...key }) => ({
    ...toKey(key),
    forms: { jwkThumbprint, inTotoKeyId, minisign, ssh, verifierKey },
  }))
}

function toKey(key: KeyOfCommandFragment): PrintedKey {
  const { algorithm, activeFrom, retiredAt, revokedAt, revokedSince, ...own } = key
  return {
    ...{ ...own, algorithm: algorithm === 'P256' ? algorithm : 'ED25519', activeFrom: toDate(activeFrom) },
    ...{ retiredAt: toDateOrNull(retiredAt), revokedAt: toDateOrNull(revokedAt) },
    revokedSince: toDateOrNull(revokedSince),
  }
}

/** As `listMails`. */
export async function listMailsAt(site: RemoteSite, isFailed: boolean): Promise<PrintedMail[]> {
  const { admin } = await site.ask(mailsDocument, { isFailed })
  return (admin?.mails ?? []).map(({ id, createdAt, sentAt, taskId, ...own }) => ({
    ...{ ...own, id: Number(id), createdAt: toDate(createdAt), sentAt: toDateOrNull(sentAt) },
    taskId: taskId === null ? null : Number(taskId),
  }))
}

/** The settings of the server of a site. */
export async function listSettingsAt(site: RemoteSite): Promise<PrintedSetting[]> {
  const { admin } = await site.ask(settingsDocument, {})
  if (!admin) throw new RemoteSiteError(`${site.url} does not show its settings`)
  return admin.configuration.map(({ name, value, source }) => ({
    ...{ setting: keyOf(name), value, source: source.toLowerCase() as SettingSource },
  }))
}
