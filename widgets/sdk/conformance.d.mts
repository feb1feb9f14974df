import type { Browser } from 'playwright-core';

/** What was asked of a widget, and what is wrong; nothing where it holds. */
export interface Asked { readonly what: string; readonly faults: readonly string[] }

export declare const budgets: { readonly bytes: number; readonly connect: number };

/** Checks a widget's page in a browser, with the source of axe-core; it may take `patience` milliseconds to connect. */
export declare function conform(browser: Browser, widget: string, axe: string, patience?: number): Promise<Asked[]>;
