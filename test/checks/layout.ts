/** `npm run check:layout`: who may import whom, and what sources may not contain. The rules are in lib/layout.ts. */
import { checkLayout, parts } from "./lib/layout.ts"
import { print, readFiles } from "./lib/source.ts"

const root = `${import.meta.dirname}/../..`
const files = readFiles(root, "{src,test,examples,bench}/**/*.ts")
const findings = checkLayout(files)
for (const finding of findings) {
  console.error(print(finding))
}
const count = files.filter((file) => file.path.startsWith("src/")).length
console.log(
  `layout: ${count} files of src in ${new Set(parts.map((part) => part.name)).size} parts (imports, cycles, ` +
    `ambient values, length), ${files.length - count} other files (escapes): ${findings.length} findings`
)
process.exitCode = findings.length === 0 ? 0 : 1
