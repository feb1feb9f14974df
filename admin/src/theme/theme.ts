import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

// Carnet means notebook: paper greys with a little warmth, ink for text, and one deep pine green.
// White on pine 6 has a contrast of 4.9, on pine 7 of 6.6.
const pine: MantineColorsTuple = [
  '#eef7f3', '#d9ede4', '#b3dac9', '#87c4ab', '#5dae8e', '#3a9776', '#1f7f60', '#17694f', '#125440', '#0c3b2d',
];
const gray: MantineColorsTuple = [
  '#faf9f7', '#f4f3ef', '#eae8e2', '#dcdad3', '#c4c1b8', '#8f8c83', '#66635b', '#504e47', '#383731', '#1e1d1a',
];
const dark: MantineColorsTuple = [
  '#eceae5', '#d0cec7', '#a5a29a', '#85827a', '#45443f', '#373632', '#2a2a27', '#1c1c1a', '#161614', '#101010',
];
const red: MantineColorsTuple = [
  '#fdf1ef', '#fadfdb', '#f3bcb5', '#ec968b', '#e4756a', '#d9564a', '#c73e33', '#b03329', '#8f2a22', '#6b1f19',
];

/** The look of everything. Components' own sizes and corners are set here, once. */
export const theme = createTheme({
  colors: { pine, gray, dark, red },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '0.78125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '18px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  shadows: {
    xs: '0 1px 2px rgb(30 29 26 / 6%)',
    sm: '0 1px 3px rgb(30 29 26 / 8%), 0 1px 2px rgb(30 29 26 / 4%)',
    md: '0 6px 18px rgb(30 29 26 / 10%), 0 1px 3px rgb(30 29 26 / 6%)',
    lg: '0 14px 38px rgb(30 29 26 / 14%), 0 2px 6px rgb(30 29 26 / 6%)',
    xl: '0 24px 64px rgb(30 29 26 / 20%)',
  },
  components: {
    Anchor: { defaultProps: { inherit: true } },
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', comboboxProps: { shadow: 'md' } } },
    MultiSelect: { defaultProps: { size: 'sm', comboboxProps: { shadow: 'md' } } },
    // What can be chosen is in the document while it is open: a list of countries in each form is thousands of elements.
    Combobox: { defaultProps: { keepMounted: false } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
    Modal: { defaultProps: { centered: true, radius: 'lg', overlayProps: { backgroundOpacity: 0.35, blur: 2 } } },
    Drawer: { defaultProps: { position: 'right', overlayProps: { backgroundOpacity: 0.35, blur: 2 } } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
});

/** Mantine's own colours, drawn from the tokens of global.css, so that there is one palette. */
export const variables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--c-surface)',
    '--mantine-color-text': 'var(--c-text)',
    '--mantine-color-bright': 'var(--c-text)',
    '--mantine-color-dimmed': 'var(--c-dim)',
    '--mantine-color-placeholder': 'var(--c-placeholder)',
    '--mantine-color-default': 'var(--c-field)',
    '--mantine-color-default-hover': 'var(--c-field-hover)',
    '--mantine-color-default-border': 'var(--c-line-strong)',
    '--mantine-color-default-color': 'var(--c-text)',
    '--mantine-color-anchor': 'var(--c-accent-text)',
    '--mantine-color-error': 'var(--c-danger)',
    '--mantine-primary-color-light': 'var(--c-accent-soft)',
    '--mantine-primary-color-light-hover': 'var(--c-accent-soft)',
    '--mantine-primary-color-light-color': 'var(--c-accent-text)',
    '--mantine-color-gray-light-color': 'var(--c-dim)',
    '--mantine-color-gray-text': 'var(--c-dim)',
    '--mantine-color-red-text': 'var(--c-danger)',
    '--mantine-color-red-outline': 'var(--c-danger)',
    '--mantine-color-red-light-color': 'var(--c-danger)',
  };
  return { variables: {}, light: shared, dark: shared };
};
