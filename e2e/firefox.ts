import { existsSync } from 'node:fs';
import { expect } from '@playwright/test';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';

/**
 * The system's Firefox, over WebDriver BiDi: Playwright drives only one that it has built itself. Its third-party cookies are
 * blocked as far as it blocks them by itself.
 */
export async function launchFirefox(): Promise<Browser> {
  const places = [process.env['FIREFOX'], '/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'];
  const executablePath = places.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('these tests need Firefox: install it (Debian: apt install firefox-esr), or say where it is in FIREFOX');
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: { 'intl.accept_languages': 'en-GB, en' } });
}

/** What a person does on a page, in one widget of it or anywhere: Puppeteer's own search by name does not enter shadow roots here. */
export class Visitor {
  constructor(readonly page: Page, private readonly widget = 'body') {}

  /** Types into the field of a name, which then holds it. */
  async fill(label: string, text: string): Promise<void> {
    const field = await this.named(label);
    await field.type(text);
    expect(await field.evaluate((input) => (input as HTMLInputElement).value), label).toBe(text);
  }

  /** Clicks what bears a name: a button, a link. */
  async click(name: string): Promise<void> {
    await (await this.named(name)).click();
  }

  /** Waits until a text is to be seen, over navigations: what waits in a page is lost when it goes. */
  async sees(text: string): Promise<void> {
    const seen = () => this.page.evaluate((wanted: string) => {
      const shows = (within: ParentNode): boolean => [...within.querySelectorAll<HTMLElement>('*')].some((element) =>
        element.checkVisibility() && (element.childElementCount === 0 && element.textContent.includes(wanted) || element.shadowRoot && shows(element.shadowRoot)));
      return shows(document);
    }, text).catch(() => false);
    await expect.poll(seen, { timeout: 20_000 }).toBe(true).catch(async () => {
      throw new Error(`“${text}” is not to be seen on ${this.page.url()}, which says:\n${await this.says()}`);
    });
  }

  /** All texts of the page, its widgets' too, and what is typed into them. */
  private says(): Promise<string> {
    return this.page.evaluate(() => {
      const texts = (within: ParentNode): string[] => [...within.querySelectorAll<HTMLElement>('*')].flatMap((element) =>
        [element instanceof HTMLInputElement ? `[${element.value}]` : element.childElementCount ? '' : element.textContent.trim(), ...(element.shadowRoot ? texts(element.shadowRoot) : [])]);
      return texts(document.body).filter(Boolean).join('\n');
    });
  }

  /** Waits for what bears a name and can be used. */
  private async named(name: string): Promise<ElementHandle<HTMLElement>> {
    const found = await this.page.waitForFunction((widget: string, wanted: string) => {
      const is = (element: HTMLElement) => {
        const label = element instanceof HTMLInputElement ? element.labels?.[0] : element.matches('a, button') ? element : undefined;
        return label?.textContent.replace(/[\s*]+$/, '').trim() === wanted && element.checkVisibility() && !element.matches(':disabled, [inert] *');
      };
      const find = (within: ParentNode): HTMLElement | null => {
        for (const element of within.querySelectorAll<HTMLElement>('*')) {
          const inner = is(element) ? element : element.shadowRoot && find(element.shadowRoot);
          if (inner) return inner;
        }
        return null;
      };
      const from = document.querySelector(widget);
      return from && find(from.shadowRoot ?? from);
    }, {}, this.widget, name);
    return found as ElementHandle<HTMLElement>;
  }
}
