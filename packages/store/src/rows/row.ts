/** A value as it goes into and comes out of the database's JSON formats. */
export type CellValue =
  | string
  | number
  | boolean
  | null
  | readonly CellValue[]
  | { readonly [key: string]: CellValue };

/** One row, by column name. 64-bit integers are text. */
export type Row = Record<string, CellValue>;
