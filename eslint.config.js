import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** SQL of one engine only. server/database has what differs. */
const sqlOfOneEngine = String.raw`\b(PRAGMA|rowid|strftime|json_each|json_extract|IFNULL|ILIKE|GLOB)\b|::[a-z]`

/** SQL without parameters: a value in its text could be anything. */
const uncheckedSql = {
  selector: 'MemberExpression[property.name=/^\\$(query|execute)RawUnsafe$/]',
  message: 'Use $queryRaw or $executeRaw with the tag sql: values become parameters.',
}

/** A text would be compared with the bytes of hashes, and equal none of them. */
const textHashInSql = {
  selector:
    'TaggedTemplateExpression:matches([tag.name="sql"], [tag.property.name=/^(sql|.queryRaw|.executeRaw)$/]) > ' +
    'TemplateLiteral > :matches(Identifier[name=/(sha256|inputId)$/i], MemberExpression[property.name=/(sha256|inputId)$/i])',
  message: 'SQL has the bytes of a hash: write ${hash(…)}, from server/database/sql.ts.',
}

/** The bundle would have all of zod, which each command reads at its start. */
const wholeZod = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier",
  message: "Write import * as z from 'zod': the bundle has the parts that are used.",
}

export default tseslint.config(
  { ignores: ['**/dist/', '**/generated/', 'web/gql/', 'node_modules/', 'test-results/', 'test/fixtures/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.web.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Interfaces and visitors allow promises where an implementation has none.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['server/**/*.ts'],
    ignores: ['server/database/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        uncheckedSql,
        textHashInSql,
        wholeZod,
        {
          selector: `TaggedTemplateExpression:matches([tag.name='sql'], [tag.property.name=/^(sql|.(query|execute)Raw)$/]) > TemplateLiteral > TemplateElement[value.raw=/${sqlOfOneEngine}/]`,
          message: 'Both SQLite and PostgreSQL have to understand this: see server/database/sql.ts.',
        },
      ],
    },
  },
  {
    // Routes and fields call operations, which tests can call, too.
    files: ['server/**/*.graphql.ts', 'server/**/*.http.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        uncheckedSql,
        textHashInSql,
        wholeZod,
        {
          selector: 'MemberExpression[property.name=/^\\$(query|execute)Raw$/]',
          message: 'SQL belongs in an operation: a file without .graphql or .http in its name.',
        },
      ],
    },
  },
  {
    // What an operation answers is for its test to know.
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.object.name="vi"][callee.property.name=/^wait(For|Until)$/][arguments.length=1]',
          message:
            'A second, the default, is too short on a busy machine: give a timeout, or use expect.poll.',
        },
      ],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['web/**/*.tsx', 'web/**/*.ts'],
    plugins: { 'react-hooks': reactHooks },
    // The React compiler is not used, so what it cannot compile does not matter.
    rules: { ...reactHooks.configs.recommended.rules, 'react-hooks/incompatible-library': 'off' },
  },
)
