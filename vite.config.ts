import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin, type BuildEnvironmentOptions } from 'vite'

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
 * own. Otherwise every page would carry the text and the syntax tree of all operations. Documents of fragments
 * stay out where only `readFragment` names them: those of the queries have the same again.
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
      // readFragment needs its first argument for the types alone; what nothing else names leaves the bundle.
      const bare = replaced.replace(/\breadFragment\(\s*\w+,/g, (call) => call.replace(/\w+,$/, 'null,'))
      return { code: imports.join('') + bare, map: null }
    },
  }
}

/**
 * Fonts that arrive after the first paint wait for the next load: lines of a page that is there do not move. The packages of
 * the fonts would change them at once.
 */
function steadyFonts(): Plugin {
  return {
    name: 'steady-fonts',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'asset' && file.fileName.endsWith('.css'))
          file.source = String(file.source).replaceAll('font-display:swap', 'font-display:optional')
    },
  }
}

/**
 * On a slow connection a page is painted when its style is there: scripts and fonts wait for it. Vite puts the style last.
 */
function paintFirst(): Plugin {
  return {
    name: 'paint-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const [style = ''] = /^ *<link rel="stylesheet".*\n/m.exec(html) ?? []
        return html
          .replace(style, '')
          .replace('<!--style-->', () => style.trim())
          .replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"')
      },
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

/** The pages that the server draws (web/render.tsx). */
const serverBuild: BuildEnvironmentOptions = {
  outDir: '../dist/pages',
  emptyOutDir: true,
  copyPublicDir: false,
  target: 'node20',
  minify: true,
  sourcemap: true,
  rolldownOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } },
}

export default defineConfig(({ command, isSsrBuild }) => ({
  root: 'web',
  plugins: [importOperations(), react(), tailwindcss(), steadyFonts(), paintFirst(), compressOnce()],
  resolve: {
    dedupe: ['graphql'],
    alias: command === 'build' ? productionRouter : [],
    // RxJS with the classes of the language, instead of ES5 with helpers.
    ...(isSsrBuild ? {} : { conditions: ['es2015', ...defaultClientConditions] }),
  },
  // All packages: the product is shipped without node_modules.
  ssr: { noExternal: true },
  define: isSsrBuild ? { 'process.env.NODE_ENV': '"production"' } : {},
  build: isSsrBuild
    ? serverBuild
    : {
        outDir: 'dist',
        emptyOutDir: true,
        manifest: true,
        target: 'es2022',
        // One file for all: a drawn page has its style before the first paint, whatever is on it.
        cssCodeSplit: false,
        // The content security policy forbids data: URLs for fonts and scripts.
        assetsInlineLimit: 0,
        chunkSizeWarningLimit: 600,
        rolldownOptions: {
          output: {
            // Without names: the first load has a list of all of them.
            chunkFileNames: 'assets/[hash:7].js',
            codeSplitting: {
              groups: [
                // One file for all of the first load: it compresses better than a file for each module that other pages share.
                { name: 'first', tags: ['$initial'] },
                // What comes at once after that.
                { name: 'next', test: /\/web\/(home\/HomeNews|shell\/Footer|take-over)\./ },
                // Small modules of several pages are one file, too: a request for each takes longer than what they weigh.
                {
                  name: 'parts',
                  test: /\/web\/((address|outcomes|paging|shell|ui)\/|.*\/(view-|Build[TF]|run-words))|useQuery\./,
                  minShareCount: 3,
                },
              ],
            },
          },
        },
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
