/**
 * Which document has an id (or a dataset's name) that several claim. At a reload it is the one that had it: a copy
 * that somebody drops into the folder must not take over a running rule because its path sorts earlier, nor because
 * the rule's own file cannot be read for a moment. With no set before, and for ids that are new, nobody is preferred:
 * the first good one in order of path and line has it.
 */
import { canonical, plain, type MapNode } from '../source/node.ts';

/** Where a document stood: the how-manieth (from 0) of how many of its file. */
export type Origin = { readonly file: string; readonly map: MapNode; readonly place: number; readonly of: number };

export class Claims {
  readonly #had: ReadonlyMap<string, Origin>;
  readonly #claims = new Map<string, Origin[]>();
  readonly #keepers = new Map<string, Origin | undefined>();

  /** @param had who has which id in the set before */
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
   * To be asked when all claims are known.
   * @param isLost whether documents of a file could not be read: who had the id may be among them
   * @returns the only one who may have the id; undefined: whoever comes first
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
    // A copy within the file, above or below: what was there is the one whose content runs.
    const running = canonical(plain(had.map));
    return inFile.find(({ map }) => canonical(plain(map)) === running) ?? inFile[0];
  }
}

/**
 * Whether a document may be what became of an older one of the same file, when its id does not say so. By its place;
 * where the file has more or fewer documents than it had, places say nothing, and it may be any of them.
 */
export const mayBe = (now: Origin, former: Origin): boolean =>
  now.file === former.file && (now.of !== former.of || now.place === former.place);
