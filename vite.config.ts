import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const server = process.env['BUILDER_HUB_URL'] ?? 'http://127.0.0.1:3000'

/** URLs that the server answers. Some are pages, which in development come from Vite. */
const fromServer =
  '^/((graphql|upload|hash|ready|all-builds|feed\\.atom|robots\\.txt)?(\\?.*)?$|(job|platform|compare)/)'

/** Pages of the application (web/routes.tsx) among them. */
const isPage =
  /^\/((all-builds)?|job\/[^/?]+(\/failed|\/build\/(?!latest(\?|$))[^/?]+(\/viz\w+)?)?|platform\/[^/?]+|compare\/[^/?]+\/[^/?]+)(\?.*)?$/

const operationPrefix = 'operation:'

/**
 * Turns each `graphql(`…`)` into an import of the one document that codegen made of it, a module of its
 * own. Otherwise every page would carry the text and the syntax tree of all operations.
 */
function importOperations(): Plugin {
  const generated = join(import.meta.dirname, 'web/gql/graphql.ts')
  return {
    name: 'import-operations',
    enforce: 'pre',
    resolveId(id) {
      return id.startsWith(operationPrefix) ? `\0${id}` : null
    },
    load(id) {
      if (!id.startsWith(`\0${operationPrefix}`)) return null
      this.addWatchFile(generated)
      const start = `export const ${id.slice(operationPrefix.length + 1)} = `
      const line = readFileSync(generated, 'utf8')
        .split('\n')
        .find((text) => text.startsWith(start))
      if (!line) throw new Error(`${generated} has no line "${start}…": run npm run generate`)
      return line.slice(0, line.lastIndexOf(' as unknown as '))
    },
    transform(code, id) {
      if (!/\.tsx?$/.test(id) || id.includes('/web/gql/') || !code.includes('graphql(`')) return null
      const imports: string[] = []
      const replaced = code.replace(
        /\bgraphql\(`\s*(query|mutation|subscription|fragment) (\w+)[^`]*`,?\s*\)/g,
        (_, kind, name) => {
          const document = `${name}${kind === 'fragment' ? 'FragmentDoc' : 'Document'}`
          imports.push(`import { ${document} } from '${operationPrefix}${document}';`)
          // The line count stays, and with it every line of the source map.
          return document + '\n'.repeat(_.split('\n').length - 1)
        },
      )
      return { code: imports.join('') + replaced, map: null }
    },
  }
}

/** Writes a Brotli and a gzip twin beside each text, which the server sends to whoever accepts them. */
function compressOnce(): Plugin {
  return {
    name: 'compress-once',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      for (const file of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
        const path = join(dir ?? '', file)
        const content = readFileSync(path)
        writeFileSync(`${path}.br`, brotliCompressSync(content))
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}

/** The package names its development build only, which has checks and messages for its user's developer. */
const productionRouter = [
  { find: /^react-router$/, replacement: routerFile('index') },
  { find: /^react-router\/dom$/, replacement: routerFile('dom-export') },
]

function routerFile(name: string): string {
  return join(import.meta.dirname, `node_modules/react-router/dist/production/${name}.mjs`)
}

export default defineConfig(({ command }) => ({
  root: 'web',
  plugins: [importOperations(), react(), tailwindcss(), compressOnce()],
  resolve: { dedupe: ['graphql'], alias: command === 'build' ? productionRouter : [] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // The content security policy forbids data: URLs for fonts and scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // One file for all of the first load: it compresses better than a file for each module that other pages share.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
  },
  server: {
    port: 5173,
    proxy: {
      [fromServer]: {
        target: server,
        bypass: ({ headers, url = '' }) =>
          headers.accept?.includes('text/html') && isPage.test(url) ? '/index.html' : undefined,
      },
    },
  },
}))
