export { startScriptedModel } from "./scripted-model.ts";
export type { ScriptedModel, ScriptedModelOptions } from "./scripted-model.ts";
export type {
  ScriptedAnswer,
  ScriptedDisconnect,
  ScriptedFailure,
  ScriptedInputMessage,
  ScriptedMessage,
  ScriptedRequest,
  ScriptedToolCall,
  ScriptedUsage,
} from "./scripted-answer.ts";
