/** Which ONNX runtime runs the model; `best` is the native one where its package is installed and loads. */
export type RuntimeChoice = "native" | "wasm" | "best";
