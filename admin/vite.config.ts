import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the Carnet server.
const server = process.env['CARNET_DEV_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/admin/',
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // admin.go puts a fresh nonce here on every answer.
  html: { cspNonce: '__CARNET_NONCE__' },
  build: {
    outDir: 'dist',
    // Emptied each time; public/.keep comes back as dist/.keep, which is committed so that Go
    // compiles without a bundle.
    emptyOutDir: true,
    target: 'es2023',
    rolldownOptions: {
      input: ['index.html', 'graphiql.html'],
      // A directive for a compiler that is not used here.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
    assetsInlineLimit: 0,
    // GraphiQL is large, and loaded by its own page only.
    chunkSizeWarningLimit: 1500,
  },
  server: {
    proxy: {
      '/graphql': { target: server, ws: true },
      '/v1': server,
      '/widgets': server,
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
