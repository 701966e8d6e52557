/**
 * Reads an object that is used as a map. Names are data, and `constructor` or `toString` may be one of them: a plain `map[name]`
 * would find what every object inherits. Where the names come from outside and are written, use a Map.
 */
export const own = <T>(map: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(map, name) ? map[name] : undefined);
