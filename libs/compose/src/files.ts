/** The files that a project is made of. Paths are absolute. */
export interface FileReader {
  /** The text of a file; throws when it cannot be read. */
  readFile(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
}
