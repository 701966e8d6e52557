/** Where a part of Weir writes messages for people: stderr, one line at a time. A command's `Io` is one. */
export type Notices = { say(line: string): void };
