// What this browser keeps for a page. Where it refuses (private windows, blocked storage) a page does without: nothing here fails.

const attempt = <T>(action: () => T, otherwise: T): T => {
  try {
    return action();
  } catch {
    return otherwise;
  }
};

/** What is kept under a key; null where nothing is. */
export const taken = (key: string): string | null => attempt(() => localStorage.getItem(key), null);

/** Keep a text under a key, or nothing (null). Answers whether the browser did. */
export function put(key: string, text: string | null): boolean {
  return attempt(() => {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  }, false);
}

/** Forget everything whose key begins like this. */
export function clear(prefix: string): void {
  attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix)).forEach((key) => put(key, null)), undefined);
}
