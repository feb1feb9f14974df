import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** What `make bench` measures in a browser, alone on the machine. */
export default defineConfig(base, { testDir: 'bench', testMatch: '*.ts', workers: 1, reporter: [['dot']] });
