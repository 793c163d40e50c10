import { basename } from 'node:path';
import { invalid } from '#lib/common';

const NAME = /^[a-z0-9][a-z0-9_-]*$/;

/** A directory's or file's own words as a project name: lower case, without what names may not hold. */
export function normaliseName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/**
 * The project's name: the caller's (`-p`), else COMPOSE_PROJECT_NAME, else `name:` of the last file that has one, else
 * the project directory's name, normalised. Throws `invalid` for a name that Docker Compose refuses as well.
 */
export function chooseName(candidates: {
  explicit?: string | undefined;
  env?: string | undefined;
  file?: string | undefined;
  directory: string;
}): string {
  const chosen = candidates.explicit || candidates.env || candidates.file;
  const name = chosen || normaliseName(basename(candidates.directory));
  if (name === '')
    throw invalid('project name must not be empty; set name: in the file, COMPOSE_PROJECT_NAME or --project-name');
  if (!NAME.test(name)) {
    throw invalid(
      `invalid project name "${name}": must consist only of lowercase alphanumeric characters, hyphens, and underscores ` +
        `as well as start with a letter or number; for example "${normaliseName(name)}"`,
    );
  }
  return name;
}
