import { textOf } from '@/api/error';
import type { MendFragment } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';

/** What is wrong with a login domain and what to do, in the reader's words. */
export const domainProblem = (locale: Locale, { code, message }: Pick<MendFragment, 'code' | 'message'>): string =>
  locale.known('embed.domain.wrong', code) ?? textOf(locale, code, message);

/** The refusals whose message tells what was found on the way. */
export const tellsMore = (code: string): boolean => ['UNREACHABLE', 'OTHER_SERVER', 'WRONG_HOST'].includes(code);

/** How proxies pass a domain on; Carnet stands at its usual address. */
export const proxySnippet = {
  Caddy: (domain: string) => `${domain} {\n\treverse_proxy 127.0.0.1:8080\n}`,
  nginx: (domain: string) => `server {
    listen 443 ssl;
    server_name ${domain};
    ssl_certificate     /etc/ssl/${domain}.pem;
    ssl_certificate_key /etc/ssl/${domain}.key;

    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
}`,
} as const;
