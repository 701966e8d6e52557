/** Columns: typed arrays that each hold one property of many items, where one object per item would cost too much. */

export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** A copy of the column with twice the length. */
export function doubled<C extends Column>(column: C): C {
  const longer = new (column.constructor as new (length: number) => C)(2 * column.length);
  longer.set(column);
  return longer;
}
