import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'
import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['web/**/*.{ts,tsx}', '!web/gql/**'],
  // Apollo's cache needs __typename; adding it here keeps the persisted text and its hash in step with it.
  documentTransforms: [addTypenameSelectionDocumentTransform],
  generates: {
    'web/gql/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: 'readFragment' },
        persistedDocuments: { hashAlgorithm: 'sha256', hashPropertyName: 'hash' },
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
          BigInt: 'string',
          URL: 'string',
          File: 'never',
        },
        strictScalars: true,
      },
    },
  },
}

export default config
