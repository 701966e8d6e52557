/** What the browser remembers: the key for as long as the tab lives, likings for ever. A browser may refuse either. */

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

export type Liking = 'scheme' | 'shortcuts' | 'name';
export const liking = (name: Liking): string => tryTo(() => localStorage.getItem(`weir.${name}`), null) ?? '';
export const like = (name: Liking, value: string): void => tryTo(() => localStorage.setItem(`weir.${name}`, value), undefined);
