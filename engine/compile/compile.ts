/**
 * Rule files → RuleSet. Pure, and never throws: whatever is wrong with a document becomes a problem with a position, and
 * the other documents go live.
 *
 *     text ─documents─▶ nodes ─identity, claims─▶ nodes with ids ─native─▶ drafts ─ruleset─▶ predicates, index
 *                          └──datasets, claims───────────────────────────▶ mappings
 *
 * With `previous`, a document that has an error keeps its last good version. That version is found by the id; if the id is
 * new or belongs to another document, by the place in the file; if the document cannot be read, by the file. The documents
 * of a file that cannot be read at all keep theirs, too.
 */
import type { Dataset } from '../core/ingest/dataset.ts';
import { strongHash } from '../core/util/hash.ts';
import { limits } from '../core/limits.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet } from '../core/rule.ts';
import { Claims, mayBe, type Origin } from './rule/claims.ts';
import { ConditionPool } from './condition/condition.ts';
import { readDataset } from './datasets.ts';
import { fileKind, isRule, mayHoldRules, readDocuments, type Documents, type SourceFile } from './source/documents.ts';
import type { CorrelationContext } from './correlate/correlation.ts';
import { readers as registered, type Readers } from './correlate/readers.ts';
import { FieldTable } from './condition/field-table.ts';
import { readIdentity, type Identity } from './rule/identity.ts';
import { readNative, type Draft } from './rule/native.ts';
import { canonical, kindName, plain, type MapNode, type Node } from './source/node.ts';
import { BoundedProblems, reporter, type Reporter } from './source/problems.ts';
import { assemble } from './ruleset/assemble.ts';
import { refuseForeign } from './rule/sigma.ts';

export type CompileOptions = {
  /** The set that these files replace. */
  readonly previous?: RuleSet | undefined;
  /** Whether a file could not be read this time: its rules and mappings in `previous` are kept. */
  readonly unread?: (file: string) => boolean;
  /** Readers of the kinds that `type` of a correlation may name; default: those that are registered. */
  readonly readers?: Readers;
};

export type Compiled = {
  readonly ruleset: RuleSet;
  /** In order of file, line and column. */
  readonly problems: readonly Problem[];
};

type ReadFile = { readonly text: string; readonly documents: Documents; readonly problems: readonly Problem[] };
type Origins = {
  readonly rules: ReadonlyMap<string, Origin>;
  readonly datasets: ReadonlyMap<string, Origin>;
  /** Parsed files, for reuse: parsing is nine tenths of the work, and most files of a new set are unchanged. */
  readonly files: ReadonlyMap<string, ReadFile>;
};

/** What a rule set was compiled from: a later compilation starts from it, and falls back to it. */
const origins = new WeakMap<RuleSet, Origins>();

/** @param files with paths as they appear in problems; the order does not matter */
export function compile(files: readonly SourceFile[], options: CompileOptions = {}): Compiled {
  const before = options.previous === undefined ? undefined : origins.get(options.previous);
  const work = new Compilation(before ?? nothing, new Set(files.map(({ path }) => path)), options);
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) work.file(file);
  work.settle();
  work.fallBack();
  return work.finish();
}

/**
 * What a rule set was compiled from, as plain data that can be sent to another thread. The set may hold older versions of
 * documents than its files do, so each document is named by the text it was in.
 */
export type SetSource = {
  readonly files: readonly SourceFile[];
  readonly rules: readonly DocumentSource[];
  readonly datasets: readonly DocumentSource[];
};
/** `file`: its index in `files`; `place`: its index among the documents there. */
type DocumentSource = { readonly id: string; readonly file: number; readonly place: number };

/** @param ruleset from compile() or recompile() */
export function sourceOf(ruleset: RuleSet): SetSource {
  const { rules, datasets } = origins.get(ruleset) ?? nothing;
  const files: SourceFile[] = [];
  const indexes = new Map<string, Map<string, number>>();
  const indexOf = ({ file, text }: Origin): number => {
    const versions = indexes.get(file) ?? new Map<string, number>();
    indexes.set(file, versions);
    const index = versions.get(text) ?? files.push({ path: file, text }) - 1;
    versions.set(text, index);
    return index;
  };
  const listed = (some: ReadonlyMap<string, Origin>): DocumentSource[] =>
    [...some].map(([id, origin]) => ({ id, file: indexOf(origin), place: origin.place }));
  return { files, rules: listed(rules), datasets: listed(datasets) };
}

/** Compiles the same rule set again: as a set of which no file can be read any more, so that every document is kept. */
export function recompile({ files, rules, datasets }: SetSource): RuleSet {
  const roots = files.map((file) => readDocuments(file, []).roots);
  const restored = (some: readonly DocumentSource[]): Map<string, Origin> =>
    new Map(
      some.map(({ id, file, place }) => {
        const { path, text } = files[file]!;
        return [id, { file: path, text, map: roots[file]![place] as MapNode, place, of: roots[file]!.length }];
      }),
    );
  const before: Origins = { rules: restored(rules), datasets: restored(datasets), files: new Map() };
  const work = new Compilation(before, new Set(), { unread: () => true });
  work.fallBack();
  return work.finish().ruleset;
}

const nothing: Origins = { rules: new Map(), datasets: new Map(), files: new Map() };

class Compilation {
  readonly #before: Origins;
  readonly #present: ReadonlySet<string>;
  /** Ids of the rules of the previous set, by their place. */
  readonly #idsBefore: ReadonlyMap<string, string>;
  readonly #unread: (file: string) => boolean;
  readonly #readers: Readers;
  readonly #problems = new BoundedProblems();
  readonly #fields = new FieldTable();
  readonly #pool = new ConditionPool();
  /** The ids that documents claim, in order. All are collected before the first one is settled. */
  readonly #claims: { readonly rules: Claims; readonly datasets: Claims };
  readonly #waiting: { readonly origin: Origin; readonly report: Reporter; readonly settle: () => void }[] = [];
  readonly #drafts = new Map<string, { draft: Draft; origin: Origin }>();
  readonly #datasets = new Map<string, { dataset: Dataset; origin: Origin }>();
  /** Documents with errors: by id; as origins, if their id is new or belongs to another document; as files, if their id is unknown. */
  readonly #failed = { ids: new Set<string>(), strangers: [] as Origin[], files: new Set<string>() };
  #full = false;

  readonly #files = new Map<string, ReadFile>();

  constructor(before: Origins, present: ReadonlySet<string>, { unread = () => false, readers = registered }: CompileOptions) {
    this.#before = before;
    this.#present = present;
    this.#idsBefore = new Map([...before.rules].map(([id, origin]) => [spotOf(origin), id]));
    this.#claims = { rules: new Claims(before.rules), datasets: new Claims(before.datasets) };
    this.#unread = unread;
    this.#readers = readers;
  }

  file(file: SourceFile): void {
    const kind = fileKind(file.path);
    if (kind === 'other' || (kind === 'list' && !mayHoldRules(file.text))) return;
    const before = this.#before.files.get(file.path);
    const { documents, problems } = before?.text === file.text ? before : read(file);
    this.#files.set(file.path, { text: file.text, documents, problems });
    for (const problem of problems) this.#problems.push(problem);
    if (!documents.whole) this.#failed.files.add(file.path);
    for (const [place, root] of documents.roots.entries()) {
      const report = reporter(file.path, this.#problems);
      if (root.kind !== 'map') {
        this.#noMap(root, report);
        continue;
      }
      const origin: Origin = { file: file.path, text: file.text, map: root, place, of: documents.roots.length };
      this.#guarded(origin, report, () => {
        if (kind === 'dataset' && !isRule(root)) this.#claimDataset(origin, report);
        else this.#claimRule(origin, report);
      });
    }
  }

  /** Once every file has been read. */
  settle(): void {
    for (const { origin, report, settle } of this.#waiting) this.#guarded(origin, report, settle);
  }

  #guarded({ file, map }: Origin, report: Reporter, work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.#failed.files.add(file);
      report.error(
        map.at,
        'internal',
        `the compiler failed on this document: ${String(fault)}`,
        'please report this bug, with the document',
      );
    }
  }

  #noMap(root: Node, report: Reporter): void {
    this.#failed.files.add(report.file);
    report.error(root.at, 'map-expected', `a document must be a map, not ${kindName(root)}`, 'id: …, conditions: …');
  }

  #isLost(file: string): boolean {
    return this.#failed.files.has(file) || this.#unread(file);
  }

  #claimRule(origin: Origin, report: Reporter): void {
    const identity = readIdentity(origin.map, this.#idsBefore.get(spotOf(origin)), (id) => this.#isTaken(id, origin), report);
    if (identity === undefined) this.#failed.files.add(origin.file);
    else {
      this.#claims.rules.add(identity.id, origin);
      report.name(identity.id);
    }
    this.#waiting.push({ origin, report, settle: () => this.#rule(origin, identity, report) });
  }

  /** Whether an earlier document has the id, or a document of another file had it in the previous set and may still have it. */
  #isTaken(id: string, { file }: Origin): boolean {
    const had = this.#before.rules.get(id);
    const elsewhere = had !== undefined && had.file !== file && (this.#present.has(had.file) || this.#unread(had.file));
    return elsewhere || this.#claims.rules.has(id);
  }

  #rule(origin: Origin, identity: Identity | undefined, report: Reporter): void {
    const { map } = origin;
    if (this.#drafts.size >= limits.rulesMax) {
      if (!this.#full)
        report.error(map.at, 'too-many-rules', `more than ${limits.rulesMax} rules`, 'this rule and those after it are left out');
      this.#full = true;
      return;
    }
    const isForeign = refuseForeign(map, report);
    if (identity === undefined) return;
    const { id } = identity;
    const first = this.#firstOf(id, origin, this.#claims.rules, this.#drafts);
    if (first !== undefined) {
      this.#failed.strangers.push(origin);
      if (!isForeign) refuseDuplicate(identity, first, report);
      return;
    }
    const draft = isForeign ? undefined : readNative(map, identity, this.#context(report));
    if (draft !== undefined) this.#drafts.set(id, { draft, origin });
    else if (this.#before.rules.has(id)) this.#failed.ids.add(id);
    else this.#failed.strangers.push(origin);
  }

  #claimDataset(origin: Origin, report: Reporter): void {
    const dataset = readDataset(origin.map, report);
    if (dataset === undefined) {
      this.#failed.files.add(origin.file);
      return;
    }
    this.#claims.datasets.add(dataset.name, origin);
    this.#waiting.push({ origin, report, settle: () => this.#dataset(dataset, origin, report) });
  }

  #dataset(dataset: Dataset, origin: Origin, report: Reporter): void {
    const first = this.#firstOf(dataset.name, origin, this.#claims.datasets, this.#datasets);
    if (first === undefined) {
      this.#datasets.set(dataset.name, { dataset, origin });
      return;
    }
    this.#failed.strangers.push(origin);
    const message = `dataset "${dataset.name}" is already mapped at ${placeOf(first)}, which is kept`;
    report.error(origin.map.at, 'duplicate-dataset', message, 'merge the two mappings');
  }

  /** The document that has the id; undefined if this document may have it. */
  #firstOf(id: string, origin: Origin, claims: Claims, held: ReadonlyMap<string, { readonly origin: Origin }>): Origin | undefined {
    const keeper = claims.keeper(id, (file) => this.#isLost(file));
    return keeper === origin ? undefined : (keeper ?? held.get(id)?.origin);
  }

  /** Keeps the last good version of documents that have errors or could not be read. */
  fallBack(): void {
    const silent: Problem[] = [];
    const strangers = Map.groupBy(this.#failed.strangers, ({ file }) => file);
    const isKept = (id: string, origin: Origin, claims: Claims): boolean =>
      this.#isLost(origin.file) ||
      // If its id is claimed elsewhere, the document was moved there, and none of the documents here replaces it.
      (!claims.has(id) && strangers.get(origin.file)?.some((now) => mayBe(now, origin)) === true);
    for (const [id, origin] of this.#before.rules) {
      if (this.#drafts.has(id) || !(this.#failed.ids.has(id) || isKept(id, origin, this.#claims.rules))) continue;
      const draft = readNative(origin.map, { id }, this.#context(reporter(origin.file, silent)));
      if (draft !== undefined) this.#drafts.set(id, { draft, origin });
    }
    for (const [name, origin] of this.#before.datasets) {
      if (this.#datasets.has(name) || !isKept(name, origin, this.#claims.datasets)) continue;
      const dataset = readDataset(origin.map, reporter(origin.file, silent));
      if (dataset !== undefined) this.#datasets.set(name, { dataset, origin });
    }
  }

  #context(report: Reporter): CorrelationContext {
    return { fields: this.#fields, pool: this.#pool, report, readers: this.#readers };
  }

  finish(): Compiled {
    // In order of place, which is the order in which mappings are asked to recognise events.
    const held = [...this.#datasets.values()].toSorted((a, b) => compareOrigins(a.origin, b.origin));
    const byName = new Map(held.map(({ dataset }) => [dataset.name, dataset]));
    const recognisable = held.map(({ dataset }) => dataset).filter(({ recognise }) => recognise !== undefined);
    const datasetsHash = strongHash(canonical(held.map(({ origin, dataset }) => [dataset.name, plain(origin.map)])), 22);
    const drafts = [...this.#drafts.values()].map(({ draft }) => draft);
    const ruleset = assemble(drafts, this.#fields, { byName, recognisable }, datasetsHash);
    origins.set(ruleset, {
      rules: new Map([...this.#drafts].map(([id, { origin }]) => [id, origin])),
      datasets: new Map([...this.#datasets].map(([name, { origin }]) => [name, origin])),
      files: this.#files,
    });
    return { ruleset, problems: this.#problems.list().toSorted(compareProblems) };
  }
}

function read(file: SourceFile): ReadFile {
  const problems: Problem[] = [];
  return { text: file.text, documents: readDocuments(file, problems), problems };
}

function refuseDuplicate({ id, at, written }: Identity, first: Origin, report: Reporter): void {
  const hint = written ? 'change one of the ids' : 'give one of the rules a different name, or an "id"';
  report.error(at, 'duplicate-id', `id "${id}" is already used by the rule at ${placeOf(first)}, which is kept`, hint);
}

const spotOf = ({ file, place, of }: Origin): string => `${place} of ${of} in ${file}`;

const placeOf = ({ file, map }: Origin): string => `${file}:${map.at.line}:${map.at.column}`;

const compareOrigins = (a: Origin, b: Origin): number => (a.file === b.file ? a.place - b.place : a.file < b.file ? -1 : 1);

function compareProblems(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
