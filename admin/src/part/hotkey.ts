/** Whether this machine's people say Command where others say Control. */
export const onApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keys that open the search everywhere, as people write them. */
export const searchKeys = onApple ? '⌘K' : 'Ctrl K';
