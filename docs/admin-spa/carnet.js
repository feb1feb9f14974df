// A small client for an admin application on another site's page: staff sign in, then it queries, changes
// and follows the book with their rights. No build, no dependency; take what you need of it.
//
// The session is bound to a key pair that never leaves this browser (RFC 9449): every request carries a
// proof made with it, so a stolen token is of no use elsewhere. What is kept lies in IndexedDB.

const text = new TextEncoder();
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const sha256 = async (words) => base64url(await crypto.subtle.digest('SHA-256', text.encode(words)));

export class Carnet {
  #nonce = '';
  #access = '';
  #expires = 0;
  #kept = {}; // key, refresh

  /** server is Carnet's address, site the site's public id, both without a trailing slash. */
  constructor(server, site) {
    Object.assign(this, { server, site, pages: new BroadcastChannel(`carnet-admin:${site}`) });
  }

  /** Takes up the session that this browser keeps; false when there is none. Call it before anything else. */
  async open() {
    await this.#passOn();
    this.#kept = (await stored('readonly', (rows) => rows.get(this.site))) ?? {};
    this.#kept.key ??= await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', this.#kept.key.publicKey);
    this.jwk = { kty, crv, x, y };
    await this.#prepare();
    return this.#kept.refresh ? this.#refresh().then(() => true, () => false) : false;
  }

  /** The address of the next sign-in, made beforehand: browsers open a popup only straight from a click. */
  async #prepare() {
    const attempt = { id: random(), verifier: random() };
    const jkt = await sha256(JSON.stringify({ crv: this.jwk.crv, kty: this.jwk.kty, x: this.jwk.x, y: this.jwk.y })); // RFC 7638
    const asked = { site: this.site, origin: location.origin, attempt: attempt.id, challenge: await sha256(attempt.verifier), jkt };
    this.attempt = { ...attempt, url: `${this.server}/v1/staff/authorize?${new URLSearchParams(asked)}` };
  }

  /**
   * The tie between a popup and its opener may be cut on the way. The popup then comes to this page with the code
   * in its address: it passes it on to the page that began, which has what the code is exchanged with.
   */
  async #passOn() {
    const [, attempt, code] = /^#carnet=([\w-]{43})\.(.+)$/.exec(location.hash) ?? [];
    if (!code) return;
    history.replaceState(null, '', location.pathname + location.search);
    await new Promise((done) => {
      this.pages.onmessage = ({ data }) => data.attempt === attempt && data.done && done();
      setTimeout(done, 5000); // the page that began is gone
      this.pages.postMessage({ attempt, code });
    });
    close();
  }

  /** Signs in by a popup, where the person agrees. Call it from a click. */
  async signIn() {
    const { id, verifier, url } = this.attempt;
    const popup = open(url, 'carnet', 'width=480,height=640');
    if (!popup) throw new Error('The browser blocked the window.');
    const code = await new Promise((resolve, reject) => {
      const hear = ({ data }) => {
        if (data?.attempt !== id) return;
        removeEventListener('message', fromPopup);
        if (data.code) resolve(data.code);
        else reject(new Error(data.reason));
      };
      const fromPopup = (event) => event.origin === this.server && hear(event);
      addEventListener('message', fromPopup);
      this.pages.onmessage = hear;
    });
    await this.#take(await this.#post('/v1/token', { site: this.site, code, verifier }));
    this.pages.postMessage({ attempt: id, done: true });
    await this.#prepare();
  }

  /** Ends the session here and on the server. */
  async signOut() {
    await this.graphql('mutation { signOut(input: {}) { signedOut } }').catch(() => {}); // over in any case
    this.#access = '';
    this.#kept = {};
    await stored('readwrite', (rows) => rows.delete(this.site));
    await this.open();
  }

  /** Runs a query or a mutation and gives its data; throws what GraphQL refused. */
  async graphql(query, variables = {}) {
    const { data, errors } = await this.#post('/graphql', { query, variables }, await this.#token());
    if (errors) throw new Error(errors[0].message);
    return data;
  }

  /**
   * Follows a subscription over graphql-transport-ws: next hears each event's data, ended why it is over. Gives a
   * function that ends it. After an end that you did not ask for, read anew and subscribe again.
   */
  async subscribe(query, next, ended = () => {}) {
    const token = await this.#token();
    const url = `${this.server}/graphql`;
    const payload = { authorization: `DPoP ${token}`, dpop: await this.#proof('GET', url, token) };
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload }));
    socket.onclose = ({ reason }) => ended(reason);
    socket.onmessage = ({ data }) => {
      const { type, payload: event } = JSON.parse(data);
      if (type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      if (type === 'next') next(event.data);
      if (type === 'error') ended(event[0].message);
      if (type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
    };
    return () => socket.close(1000);
  }

  async #token() {
    if (!this.#access || Date.now() > this.#expires) await this.#refresh();
    return this.#access;
  }

  /** One page of the browser refreshes at a time: a refresh token is good once. */
  #refresh() {
    return navigator.locks.request(`carnet:${this.site}`, async () => {
      const kept = await stored('readonly', (rows) => rows.get(this.site));
      await this.#take(await this.#post('/v1/refresh', { site: this.site, refresh_token: kept?.refresh ?? '' }));
    });
  }

  async #take({ access_token, expires_in, refresh_token }) {
    this.#access = access_token;
    this.#expires = Date.now() + (expires_in - 30) * 1000;
    this.#kept.refresh = refresh_token;
    await stored('readwrite', (rows) => rows.put(this.#kept, this.site));
  }

  /** A JWT that only this browser's key can make, for one request. */
  async #proof(method, url, token) {
    const claims = { jti: random(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000), nonce: this.#nonce, ...(token && { ath: await sha256(token) }) };
    const signed = [{ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk }, claims].map((part) => base64url(text.encode(JSON.stringify(part)))).join('.');
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.#kept.key.privateKey, text.encode(signed));
    return `${signed}.${base64url(signature)}`;
  }

  /** Posts JSON with a proof, once more when the server asks for its newest nonce. */
  async #post(path, body, token, again = false) {
    const url = this.server + path;
    const used = this.#nonce;
    const headers = { 'Content-Type': 'application/json', 'Carnet-Site': this.site, DPoP: await this.#proof('POST', url, token), ...(token && { Authorization: `DPoP ${token}` }) };
    const response = await fetch(url, { method: 'POST', credentials: 'omit', headers, body: JSON.stringify(body) });
    this.#nonce = response.headers.get('DPoP-Nonce') ?? used;
    const answer = await response.json();
    if (response.status === 401 && this.#nonce !== used && !again) return this.#post(path, body, token, true);
    if (answer.error) throw new Error(answer.error.message);
    return answer;
  }
}

/** Works on this page's rows in IndexedDB, which alone can hold a key that cannot be read out. */
function stored(mode, work) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('carnet-admin', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('sessions');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const transaction = request.result.transaction('sessions', mode);
      const result = work(transaction.objectStore('sessions'));
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        request.result.close();
        resolve(result.result);
      };
    };
  });
}
