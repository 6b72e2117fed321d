/** `npm run docs:models`: writes models.schema.json, the JSON Schema of the file of models, from its Effect schema. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { jsonSchema } from "../../src/engine/models/ModelsFile.ts"

const path = join(import.meta.dirname, "../../models.schema.json")

writeFileSync(path, `${JSON.stringify(jsonSchema(), null, 2)}\n`)
