import type { ModelMark } from "./run-state.ts";

const messages = 7;
const mostMarks = 10;

/** The reply says once more what the one before it said. */
export const isRestated = (before: ModelMark | undefined, mark: ModelMark): boolean =>
  before?.agent === mark.agent && before.text === mark.text;

/** The replies that are remembered after one more. One that came under several ids makes no other leave. */
export function withinModelWindow(models: readonly ModelMark[], mark: ModelMark): readonly ModelMark[] {
  const marks = [...models, mark].slice(-mostMarks);
  let said = 0;
  const start = marks.findLastIndex((one, index) => {
    said += isRestated(marks[index - 1], one) ? 0 : 1;
    return said === messages;
  });
  return marks.slice(Math.max(0, start));
}
