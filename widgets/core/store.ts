/** A few values in the host's own IndexedDB, which alone can hold a key that cannot be read out. */
export interface Store {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown): Promise<unknown>;
  /** Deletes every key that begins with the given text. */
  drop(prefix: string): Promise<unknown>;
}

/** Opens the store of a site. Each call opens and closes the database: a kept connection would block upgrades. */
export function openStore(name: string): Store {
  const run = <T>(mode: IDBTransactionMode, work: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const open = indexedDB.open(name, 1);
      open.onupgradeneeded = () => open.result.createObjectStore('values');
      open.onerror = reject;
      open.onsuccess = () => {
        const transaction = open.result.transaction('values', mode);
        const request = work(transaction.objectStore('values'));
        transaction.onabort = reject;
        transaction.oncomplete = () => {
          resolve(request.result);
          open.result.close();
        };
      };
    });
  return {
    get: (key) => run('readonly', (rows) => rows.get(key)),
    set: (key, value) => run('readwrite', (rows) => rows.put(value, key)),
    drop: (prefix) => run('readwrite', (rows) => rows.delete(IDBKeyRange.bound(prefix, `${prefix}~`))),
  };
}
