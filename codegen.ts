import { createHash } from 'node:crypto'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'
import type { CodegenConfig } from '@graphql-codegen/cli'

/** Bare hexadecimal digits, as the protocol of persisted queries has them; by name, codegen would add a prefix. */
const sha256 = (operation: string) => createHash('sha256').update(operation).digest('hex')

const scalars = {
  DateTime: 'string',
  UUID: 'string',
  Sha256: 'string',
  ByteSize: 'number',
  ByteDelta: 'number',
  BigInt: 'string',
  URL: 'string',
  ResourcePath: 'string',
  File: 'never',
}

const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'web/gql/possible-types.ts': { plugins: ['./scripts/possible-types.mjs'] },
    // The operations that `hub --hub URL` sends: texts, so that the command line holds no parser of GraphQL.
    'server/generated/operations/': {
      preset: 'client',
      documents: ['server/cli/remote/*.ts'],
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        documentMode: 'string',
        // Each field of an answer is there, null or not.
        avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: false },
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
        scalars,
        strictScalars: true,
      },
    },
    'web/gql/': {
      preset: 'client',
      documents: ['web/**/*.{ts,tsx}', '!web/gql/**'],
      // Apollo's cache needs __typename: the persisted text must ask for it as well.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: 'readFragment' },
        persistedDocuments: { hashAlgorithm: sha256, hashPropertyName: 'hash' },
      },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
        scalars,
        strictScalars: true,
      },
    },
  },
}

export default config
