/** What the browser stores: the key until the tab is closed, preferences for ever. A browser may refuse both. */

const keyName = 'weir.key';

function tryTo<T>(what: () => T, otherwise: T): T {
  try {
    return what();
  } catch {
    return otherwise;
  }
}

let key = tryTo(() => sessionStorage.getItem(keyName), null) ?? '';

export const theKey = (): string => key;

export function setKey(value: string): void {
  key = value;
  tryTo(() => (value === '' ? sessionStorage.removeItem(keyName) : sessionStorage.setItem(keyName, value)), undefined);
}

export type Preference = 'scheme' | 'shortcuts' | 'name';
export const preference = (name: Preference): string => tryTo(() => localStorage.getItem(`weir.${name}`), null) ?? '';
export const setPreference = (name: Preference, value: string): void => tryTo(() => localStorage.setItem(`weir.${name}`, value), undefined);
