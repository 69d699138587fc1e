import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env['BUILDER_HUB_URL'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: 'web',
  plugins: [react(), tailwindcss()],
  resolve: { dedupe: ['graphql'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // The content security policy forbids data: URLs for fonts and scripts.
    assetsInlineLimit: 0,
  },
  server: {
    port: 5173,
    proxy: {
      '/graphql': server,
      // What the server answers with files, below pages that this application draws.
      '^/job/[^/]+/build/[^/]+/(f/|console|script|main-binary|exec|all\\.tar\\.gz)': server,
    },
  },
})
