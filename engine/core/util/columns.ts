/** Columns: typed arrays that hold one fact each of many things, where an object for each thing would cost too much. */

export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** A column of twice the length that begins with what stood in this one. */
export function doubled<C extends Column>(column: C): C {
  const longer = new (column.constructor as new (length: number) => C)(2 * column.length);
  longer.set(column);
  return longer;
}
