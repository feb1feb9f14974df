import type { State } from '../sdk/index';

/** What kit/styles.css calls by short names, under the names that hosts and the SDK know. */
const names = {
  accent: 'accent', 'on-accent': 'on-accent', link: 'strong', surface: 'surface', muted: 'muted', border: 'border', error: 'error',
  'field-background': 'field', 'field-border': 'line', 'field-radius': 'field-radius',
};

/** How the site's widgets look here: a frame inherits nothing. Colours may be `light-dark()`, which the frame's own scheme decides. */
export function lookOf(host: HTMLElement): Pick<State, 'direction' | 'scheme' | 'theme'> {
  const style = getComputedStyle(host);
  const theme: Record<string, string> = { '--carnet-text': style.color, '--carnet-font': style.fontFamily, '--carnet-font-size': style.fontSize };
  for (const [name, short] of Object.entries(names)) theme[`--carnet-${name}`] = style.getPropertyValue(`--${short}`).trim();
  return { direction: style.direction === 'rtl' ? 'rtl' : 'ltr', scheme: style.colorScheme, theme };
}
