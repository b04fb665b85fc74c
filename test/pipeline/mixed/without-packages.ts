// Makes packages impossible to import, as if they were not installed: node --import this-file, their names in
// PLUMBLINE_TEST_WITHOUT.
import { registerHooks } from "node:module";

const missing = (process.env["PLUMBLINE_TEST_WITHOUT"] ?? "").split(",").filter((name) => name !== "");

registerHooks({
  resolve(specifier, context, nextResolve) {
    const name = missing.find(
      (candidate) => specifier === candidate || specifier.startsWith(`${candidate}/`),
    );
    if (name === undefined) return nextResolve(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${name}'`), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
