/**
 * Rule files → RuleSet. Pure, and never throws: whatever is wrong with a document is a problem that says where, and
 * the rest goes live.
 *
 *     text ─documents─▶ nodes ─native─▶ drafts ─ruleset─▶ predicates, index
 *                          └──datasets──────────────▶ mappings
 *
 * With `previous`, a document that has an error keeps its last good version: found by its id, or, where not even
 * that can be read, by its file. So do the documents of a file that could not be read at all.
 */
import type { Dataset } from '../core/dataset.ts';
import { strongHash } from '../core/hash.ts';
import { limits } from '../core/limits.ts';
import type { Problem } from '../core/problem.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { ConditionPool } from './condition.ts';
import { readDataset } from './datasets.ts';
import { fileKind, isRule, mayHoldRules, readDocuments, type Documents, type SourceFile } from './documents.ts';
import { FieldTable } from './field-table.ts';
import { readIdentity } from './identity.ts';
import { readNative, type Draft } from './native.ts';
import { canonical, kindName, plain, type MapNode, type Node } from './node.ts';
import { reporter, type Reporter } from './problems.ts';
import { assemble } from './ruleset.ts';
import { refuseForeign } from './sigma.ts';

export type CompileOptions = {
  /** The set that these files replace. */
  readonly previous?: RuleSet | undefined;
  /** Which files could not be read this time: what they held in `previous` stays. */
  readonly unread?: (file: string) => boolean;
};

export type Compiled = {
  readonly ruleset: RuleSet;
  /** In order of file, line and column. */
  readonly problems: readonly Problem[];
};

type Origin = { readonly file: string; readonly map: MapNode };
type ReadFile = { readonly text: string; readonly documents: Documents; readonly problems: readonly Problem[] };
type Origins = {
  readonly rules: ReadonlyMap<string, Origin>;
  readonly datasets: ReadonlyMap<string, Origin>;
  /** Files as they were read: reading is nine tenths of the work, and most files of a new set are unchanged. */
  readonly files: ReadonlyMap<string, ReadFile>;
};

/** What a rule set was made of: what a later compilation starts from, and falls back to. */
const origins = new WeakMap<RuleSet, Origins>();

/** @param files paths as they shall appear in problems; the order does not matter. */
export function compile(files: readonly SourceFile[], options: CompileOptions = {}): Compiled {
  const before = options.previous === undefined ? undefined : origins.get(options.previous);
  const work = new Compilation();
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) work.file(file, before?.files.get(file.path));
  if (before !== undefined) work.fallBack(before, options.unread ?? (() => false));
  return work.finish();
}

class Compilation {
  readonly #problems: Problem[] = [];
  readonly #fields = new FieldTable();
  readonly #pool = new ConditionPool();
  readonly #drafts = new Map<string, { draft: Draft; origin: Origin }>();
  readonly #datasets = new Map<string, { dataset: Dataset; origin: Origin }>();
  /** Ids of documents with errors, and files with errors in documents whose id is unknown. */
  readonly #failed = { ids: new Set<string>(), files: new Set<string>() };
  #full = false;

  readonly #files = new Map<string, ReadFile>();

  /** @param before the file of that path as it was read last time */
  file(file: SourceFile, before: ReadFile | undefined): void {
    const kind = fileKind(file.path);
    if (kind === 'other' || (kind === 'list' && !mayHoldRules(file.text))) return;
    const { documents, problems } = before?.text === file.text ? before : read(file);
    this.#files.set(file.path, { text: file.text, documents, problems });
    this.#problems.push(...problems);
    if (!documents.whole) this.#failed.files.add(file.path);
    for (const root of documents.roots) {
      const report = reporter(file.path, this.#problems);
      try {
        if (root.kind !== 'map') this.#noMap(root, report);
        else if (kind === 'dataset' && !isRule(root)) this.#dataset({ file: file.path, map: root }, report);
        else this.#rule({ file: file.path, map: root }, report);
      } catch (fault) {
        this.#failed.files.add(file.path);
        report.error(root.at, 'internal', `the compiler failed on this document: ${String(fault)}`, 'please report it, with the document');
      }
    }
  }

  #noMap(root: Node, report: Reporter): void {
    this.#failed.files.add(report.file);
    report.error(root.at, 'map-expected', `a document must be a map, not ${kindName(root)}`, 'id: …, conditions: …');
  }

  #rule(origin: Origin, report: Reporter): void {
    const { map } = origin;
    if (this.#drafts.size >= limits.rulesMax) {
      if (!this.#full) report.error(map.at, 'too-many-rules', `more than ${limits.rulesMax} rules`, 'those after this one are left out');
      this.#full = true;
      return;
    }
    const identity = readIdentity(map, (id) => this.#drafts.has(id), report);
    if (identity === undefined) this.#failed.files.add(origin.file);
    else report.name(identity.id);
    if (refuseForeign(map, report) || identity === undefined) {
      if (identity !== undefined) this.#failed.ids.add(identity.id);
      return;
    }
    const first = this.#drafts.get(identity.id);
    if (first !== undefined) {
      const { file, line, column } = first.draft.source;
      report.error(
        identity.at,
        'duplicate-id',
        `"${identity.id}" is also the id of the rule at ${file}:${line}:${column}, which stays`,
        'give one of them another id',
      );
      return;
    }
    const draft = readNative(map, identity, { fields: this.#fields, pool: this.#pool, report });
    if (draft === undefined) this.#failed.ids.add(identity.id);
    else this.#drafts.set(identity.id, { draft, origin });
  }

  #dataset(origin: Origin, report: Reporter): void {
    const dataset = readDataset(origin.map, report);
    const first = dataset === undefined ? undefined : this.#datasets.get(dataset.name);
    if (dataset === undefined) this.#failed.files.add(origin.file);
    else if (first === undefined) this.#datasets.set(dataset.name, { dataset, origin });
    else {
      const { file, map } = first.origin;
      report.error(
        origin.map.at,
        'duplicate-dataset',
        `"${dataset.name}" is also mapped at ${file}:${map.at.line}:${map.at.column}, which stays`,
        'join them',
      );
    }
  }

  /** Takes up the last good version of what could not be read this time. */
  fallBack(before: Origins, unread: (file: string) => boolean): void {
    const silent: Problem[] = [];
    const isLost = (file: string): boolean => this.#failed.files.has(file) || unread(file);
    for (const [id, origin] of before.rules) {
      if (this.#drafts.has(id) || !(this.#failed.ids.has(id) || isLost(origin.file))) continue;
      const draft = readNative(
        origin.map,
        { id, at: origin.map.at },
        { fields: this.#fields, pool: this.#pool, report: reporter(origin.file, silent) },
      );
      if (draft !== undefined) this.#drafts.set(id, { draft, origin });
    }
    for (const [name, origin] of before.datasets) {
      if (this.#datasets.has(name) || !isLost(origin.file)) continue;
      const dataset = readDataset(origin.map, reporter(origin.file, silent));
      if (dataset !== undefined) this.#datasets.set(name, { dataset, origin });
    }
  }

  finish(): Compiled {
    const held = [...this.#datasets.values()];
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
    return { ruleset, problems: this.#problems.toSorted(compareProblems) };
  }
}

function read(file: SourceFile): ReadFile {
  const problems: Problem[] = [];
  return { text: file.text, documents: readDocuments(file, problems), problems };
}

function compareProblems(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
