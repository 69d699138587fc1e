import { createHash } from 'node:crypto'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'
import type { CodegenConfig } from '@graphql-codegen/cli'

/** Bare hexadecimal digits, as the protocol of persisted queries has them; by name, codegen would add a prefix. */
const sha256 = (operation: string) => createHash('sha256').update(operation).digest('hex')

const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['web/**/*.{ts,tsx}', '!web/gql/**'],
  generates: {
    'web/gql/possible-types.ts': { plugins: ['./scripts/possible-types.mjs'] },
    'web/gql/': {
      preset: 'client',
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
        scalars: {
          DateTime: 'string',
          UUID: 'string',
          Sha256: 'string',
          ByteSize: 'number',
          ByteDelta: 'number',
          BigInt: 'string',
          URL: 'string',
          ResourcePath: 'string',
          File: 'never',
        },
        strictScalars: true,
      },
    },
  },
}

export default config
