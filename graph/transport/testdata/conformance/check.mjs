// Runs named checks one after another and exits with 1 when any has failed.
export async function run(checks) {
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok    ${name}`);
    } catch (err) {
      failed++;
      console.log(`FAIL  ${name}: ${err?.stack ?? JSON.stringify(err)}`);
    }
  }
  process.exit(failed ? 1 : 0);
}

// Gathers a subscription to its end: the results, and the error that ended it when one did.
export function gather(client, payload, onResult) {
  return new Promise((resolve) => {
    const results = [];
    const dispose = client.subscribe(payload, {
      next: (result) => {
        results.push(result);
        onResult?.(results, () => dispose());
      },
      error: (error) => resolve({ results, error }),
      complete: () => resolve({ results }),
    });
  });
}
