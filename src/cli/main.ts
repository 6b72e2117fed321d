#!/usr/bin/env node
/**
 * The program `effect-evals`.
 */
import { enableCompileCache } from "node:module"

// before the other modules are loaded: the compile cache halves the time to start
enableCompileCache()

const { start } = await import("./process.ts")
start()
