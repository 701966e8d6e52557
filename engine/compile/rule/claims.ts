/**
 * Decides which document gets an id (or a dataset name) that several documents claim. At a reload it is the one that had
 * it: a copy dropped into the folder must not take over a running rule because its path sorts earlier, nor because the
 * rule's own file cannot be read for a moment. Without a previous set, and for new ids, the first valid document in order
 * of path and line gets it.
 */
import { canonical, plain, type MapNode } from '../source/node.ts';

/** Where a document is: its index in the file (`place`, from 0) and the number of documents there (`of`). */
export type Origin = {
  readonly file: string;
  /** The whole text of the file. */
  readonly text: string;
  readonly map: MapNode;
  readonly place: number;
  readonly of: number;
};

export class Claims {
  readonly #had: ReadonlyMap<string, Origin>;
  readonly #claims = new Map<string, Origin[]>();
  readonly #keepers = new Map<string, Origin | undefined>();

  /** @param had which document has which id in the previous set */
  constructor(had: ReadonlyMap<string, Origin>) {
    this.#had = had;
  }

  add(id: string, origin: Origin): void {
    const others = this.#claims.get(id);
    if (others === undefined) this.#claims.set(id, [origin]);
    else others.push(origin);
  }

  has(id: string): boolean {
    return this.#claims.has(id);
  }

  /**
   * Call it when all claims are known.
   * @param isLost whether documents of a file could not be read: the one that had the id may be among them
   * @returns the only document that may have the id; undefined if the first one gets it
   */
  keeper(id: string, isLost: (file: string) => boolean): Origin | undefined {
    if (!this.#keepers.has(id)) this.#keepers.set(id, this.#find(id, isLost));
    return this.#keepers.get(id);
  }

  #find(id: string, isLost: (file: string) => boolean): Origin | undefined {
    const had = this.#had.get(id);
    if (had === undefined) return undefined;
    const inFile = (this.#claims.get(id) ?? []).filter(({ file }) => file === had.file);
    if (inFile.length === 0) return isLost(had.file) ? had : undefined;
    if (inFile.length === 1) return inFile[0];
    // A copy in the same file, above or below: the original is the one with the content that is running.
    const running = canonical(plain(had.map));
    return inFile.find(({ map }) => canonical(plain(map)) === running) ?? inFile[0];
  }
}

/**
 * Whether a document may be a new version of an older one of the same file, if its id does not show it. Judged by its
 * place; if the number of documents in the file has changed, places say nothing, and it may be any of them.
 */
export const mayBe = (now: Origin, former: Origin): boolean =>
  now.file === former.file && (now.of !== former.of || now.place === former.place);
