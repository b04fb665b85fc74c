import { describe, expect, test } from "vitest";
import { classifyOutcome } from "./classify-outcome.ts";

const classOf = (result: string, args = '{"id":"7"}'): string =>
  classifyOutcome({ toolName: "tool", arguments: args, result, reportedError: null }).class;

describe("a result that says it failed under a success", () => {
  test.each([
    ["success flag", '{"success":false,"code":"LOCKED"}'],
    ["success flag of another make", '{"Success":"N","Reason":"LOCKED"}'],
    ["success flag in another spelling", '{"IsSuccess":false}'],
    ["title of an error page", "<html><head><title>500 Internal Server Error</title></head></html>"],
    ["status and reason, line by line", "status: error\nmessage: quota exceeded\n"],
    [
      "SOAP fault",
      "<s:Envelope><s:Body><s:Fault><faultstring>Internal</faultstring></s:Fault></s:Body></s:Envelope>",
    ],
    ["error prefix in Italian", "Errore: servizio non disponibile"],
    ["error prefix in Japanese", "エラー：接続できません"],
    ["error field", '{"error":"order not found"}'],
    ["error object in a wrapper", '{"data":{"ok":false,"message":"no stock"}}'],
    ["MCP error flag", '{"isError":true,"content":[{"type":"text","text":"boom"}]}'],
    ["HTTP status in the body", '{"statusCode":503,"message":"unavailable"}'],
    ["status word with a reason", '{"status":"failed","reason":"image pull"}'],
    ["exit code field", '{"stdout":"","exit_code":2}'],
    [
      "failure text inside MCP content",
      '{"content":[{"type":"text","text":"Could not open the document."}]}',
    ],
    ["HTTP status line", "HTTP 503 Service Unavailable"],
    ["exit code line", "Exit code 127\nbash: foo: command not found"],
    [
      "uncaught exception",
      'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\nValueError: bad',
    ],
    ["shell diagnostic", "cat: notes.txt: No such file or directory"],
    ["a sentence and nothing else", "Could not find that document, please try again."],
    [
      "a question back for the input",
      "The query appears to be empty. Could you please provide the search terms?",
    ],
    [
      "browser error page",
      "Here is a screenshot of [x](chrome-error://chromewebdata/). The viewport shows the page.\nERR_CONNECTION_REFUSED",
    ],
    ["error page by its title", "Title: 404 Not Found\nThe page is gone."],
    ["a listed name that was called unknown", "Could not find [Riga]. Similar: ['Riga', 'Rigas Street']"],
  ])("%s", (_name, result) => {
    expect(classOf(result, "Riga")).toBe("hidden-error");
  });
});

describe("a result that holds nothing", () => {
  test.each([
    "",
    "[]",
    "{}",
    "null",
    "No results found.",
    "0 rows",
    '{"results":[],"total":0}',
    "No more results",
    "Keine Treffer gefunden.",
    "Aucun résultat trouvé.",
    "該当する結果はありません",
    "没有找到结果。",
    '{"items":[],"page":4}',
    '{"reviews":[],"next":"c8"}',
    '{"orders":[],"nextPageToken":"x7","pageSize":50}',
  ])("%s", (result) => {
    expect(classOf(result)).toBe("empty");
  });

  test.each(["有効", "Готово", "完了しました。", "تم", "0.5", "±3"])(
    "%s is an answer in another script",
    (result) => {
      expect(classOf(result)).toBe("ok");
    },
  );

  test("a miss that offers alternatives is empty", () => {
    expect(classOf("Could not find [Riga map]. Similar: ['Riga', 'Maps of Latvia']", "Riga map")).toBe(
      "empty",
    );
  });
});

describe("a result that works", () => {
  test.each([
    [
      "prose with the word error",
      "The report lists every error that customers saw in May and how it was mended.",
    ],
    ["a document about failures", `${"Common reasons why a payment failed and what to do. ".repeat(20)}`],
    ["a looked-up record with a failed state", '{"job_id":"j-1","status":"failed","started":"2026-01-01"}'],
    ["an error field beside a success flag", '{"success":true,"error":""}'],
    ["null error", '{"error":null,"rows":[1]}'],
    ["a failing test run", "test_a PASSED\nFAILED test_b - AssertionError: 1 != 2\n1 failed, 1 passed"],
    ["source code that raises", "def f():\n    raise ValueError('cannot open file')\n\nreturn None"],
    [
      "grep hits on errors",
      "src/a.ts:10: throw new Error('not found')\nsrc/b.ts:4: // error: permission denied",
    ],
    ["a count beside one complaint", "find: './proc/12739': No such file or directory\n20735"],
    [
      "response headers that a client printed",
      "HTTP/1.1 404 Not Found\nServer: nginx\nDate: today\n\npage not found",
    ],
  ])("%s", (_name, result) => {
    expect(classOf(result)).toBe("ok");
  });

  test("a message that the command line itself prints for a negative probe", () => {
    expect(classOf("qemu not found", '{"command":"which qemu || echo \\"qemu not found\\""}')).toBe("ok");
  });

  test("a JSON error that a program fetched is its output, not the tool's envelope", () => {
    expect(classOf('{"error":"slot is required"}', '{"command":"curl -s localhost:3000/slots"}')).toBe("ok");
  });

  test("a check without arguments that answers no", () => {
    expect(classOf("Cannot send pictures.", "{}")).toBe("ok");
  });
});

test("what the emitter reported outranks the text", () => {
  const outcome = classifyOutcome({
    toolName: "t",
    arguments: "{}",
    result: "fine",
    reportedError: { type: "Timeout", message: "late" },
  });
  expect(outcome).toEqual({
    class: "error",
    evidence: "reported error",
    errorType: "Timeout",
    message: "late",
  });
});

test("no result is unknown", () => {
  expect(classifyOutcome({ toolName: "t", arguments: "{}", result: null, reportedError: null }).class).toBe(
    "unknown",
  );
});

test("a result of megabytes is read in bounded parts", () => {
  expect(classOf(`${"x ".repeat(3_000_000)}\nExit code: 1`)).toBe("hidden-error");
});

describe("an object of empty lists and zero counts", () => {
  const outcomeOf = (result: string) =>
    classifyOutcome({ toolName: "t", arguments: "{}", result, reportedError: null }).class;

  test("is empty, whatever its fields are called", () => {
    expect(outcomeOf('{"articles":[]}')).toBe("empty");
    expect(outcomeOf('{"articles":[],"total":0}')).toBe("empty");
  });

  test("is not empty when it says that something was done", () => {
    expect(outcomeOf('{"success":true,"errors":[]}')).toBe("ok");
    expect(outcomeOf('{"ticket":"T-1","tags":[]}')).toBe("ok");
  });
});
