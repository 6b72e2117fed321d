#!/usr/bin/env node
/**
 * The program `effect-evals`.
 */
import { enableCompileCache } from "node:module"

// before anything else is loaded: what was compiled once is read from a cache, which halves the time to begin
enableCompileCache()

const { start } = await import("./process.ts")
start()
