/** Where a part of Weir says something to a person: stderr, a line at a time. A command's `Io` is one. */
export type Notices = { say(line: string): void };
