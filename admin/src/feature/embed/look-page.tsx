import { TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { textOf, type Refusal } from '@/api/error';
import { useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { SaveThemeDocument, ThemeDocument, type MendFragment, type SiteThemeFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused, SaveBar } from '@/part/form';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { ColorRow } from './color-row';
import { EmbedFrame } from './embed-frame';
import { inputOf, lookOf, propertiesOf, themeOf, type Look } from './look';
import { Preview } from './preview';
import { colors, lows, schemes, shapes, type Color, type Scheme, type Shape } from './theme';
import { useSiteForm } from './use-site-form';
import css from './look-page.module.css';

/** How the site's widgets look on every page that sets nothing else. */
export default function LookPage() {
  const { t } = useLocale();
  const [{ data, error }, reload] = useQuery({ query: ThemeDocument });
  return (
    <EmbedFrame title={t('embed.tab.look')}>
      {data ? <LookForm site={data.site} /> : error ? <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} /> : <Loading />}
    </EmbedFrame>
  );
}

function LookForm({ site }: { site: SiteThemeFragment }) {
  const locale = useLocale();
  const { t, tn } = locale;
  const { site: own } = useSession();
  const { send, busy } = useSend(SaveThemeDocument);
  const refuse = (problems: readonly MendFragment[], sent: Look): Refusal => {
    const fields: Refusal['fields'] = {};
    const others: string[] = [];
    for (const { code, message, path } of problems) {
      const name = inputOf(sent)[Number(path[1])]?.name;
      // Contrast is told with the pair and its ratio, by us where it is computed and by the server else.
      if (code === 'LOW_CONTRAST') others.push(message);
      else if (path[0] === 'theme' && name) fields[`${name}.${path[2] ?? 'value'}`] = textOf(locale, code, message);
      else others.push(textOf(locale, code, message));
    }
    return { fields, rest: low.length > 0 ? [tn('embed.look.refused', low.length)] : others };
  };
  const { value: look, setValue: setLook, dirty, refused, reset, save } = useSiteForm({ site, read: lookOf, input: (value: Look) => ({ theme: inputOf(value) }), send, refuse });
  const errors = refused.fields;
  const low = useMemo(() => lows(themeOf(look), site.accentColor), [look, site.accentColor]);
  const properties = useMemo(() => propertiesOf(look, site.accentColor), [look, site.accentColor]);

  const setColor = (name: Color, scheme: Scheme, value: string) => setLook({ ...look, colors: { ...look.colors, [name]: { ...look.colors[name], [scheme]: value } } });
  const setShape = (name: Shape, value: string) => setLook({ ...look, shapes: { ...look.shapes, [name]: value } });

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className={css.columns}>
        <div>
          <Refused texts={refused.rest} />
          <Sheet title={t('embed.look.colors')} lead={t('embed.look.colorsLead')}>
            <div className={css.rows}>
              <div className={css.heads} aria-hidden>
                {schemes.map((scheme) => (
                  <span key={scheme}>{t(`embed.scheme.${scheme}`)}</span>
                ))}
              </div>
              {colors.map((name) => (
                <ColorRow
                  key={name}
                  name={name}
                  values={look.colors[name]}
                  theme={themeOf(look)}
                  accent={site.accentColor}
                  lows={low.filter(({ of }) => of === name)}
                  errors={{ light: errors[`${name}.value`], dark: errors[`${name}.dark`] }}
                  onChange={(scheme, value) => setColor(name, scheme, value)}
                />
              ))}
            </div>
          </Sheet>
          <Sheet title={t('embed.look.shapes')} lead={t('embed.look.shapesLead')}>
            <div className={css.shapes}>
              {(Object.keys(shapes) as Shape[]).map((name) => (
                <TextInput
                  key={name}
                  className={name === 'font' ? css.wide ?? '' : ''}
                  label={t(`embed.property.${name}`)}
                  placeholder={shapes[name] || t('embed.look.fontOfPage')}
                  value={look.shapes[name]}
                  onChange={(event) => setShape(name, event.currentTarget.value)}
                  error={errors[`${name}.value`] && t(`embed.look.form.${formOf(name)}`)}
                />
              ))}
            </div>
          </Sheet>
        </div>
        <div className={css.aside}>
          <Preview publicId={own.publicId} properties={properties} />
        </div>
      </div>
      <SaveBar dirty={dirty} busy={busy} onReset={reset} />
    </form>
  );
}

/** What the values of a property look like. */
const formOf = (name: Shape) => (name === 'font' ? 'font' : name.endsWith('weight') ? 'weight' : 'length');
