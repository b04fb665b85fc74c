import { describe, expect, test } from "vitest";
import { goalAsksToWait, saysWaiting } from "./waiting.ts";

describe("a result that says something is still under way", () => {
  test.each([
    "running",
    '{"status":"PENDING","queue_position":3}',
    '{"state":"awaiting approval"}',
    '{"ready":false}',
    '{"auftrag":"A-9","status":"in Bearbeitung"}',
    "Der Export läuft noch",
    '{"id":"d-4","etat":"en cours"}',
    '{"estado":"pendiente"}',
    '{"status":"処理中"}',
    '{"状态":"运行中"}',
  ])("%s", (result) => expect(saysWaiting(result)).toBe(true));
});

describe("a result that says how something is", () => {
  test.each([
    "done",
    '{"status":"failed"}',
    '{"status":"abgeschlossen"}',
    '{"etat":"terminé"}',
    '{"status":"完了"}',
    "Der Export läuft nicht mehr: fehlgeschlagen",
    "the outlaw was seen",
    "0 rows",
  ])("%s", (result) => expect(saysWaiting(result)).toBe(false));
});

test.each([
  "Wait for the courier's message",
  "Publish the article once the editor has approved it",
  "Answer the mails as they come in",
  "Überwache die Auslastung und melde dich, sobald sie steigt",
  "Surveille la file et préviens-moi dès que possible, toutes les cinq minutes",
  "処理が終わるまで待ってください",
])("the goal asks to wait: %s", (goal) => expect(goalAsksToWait(goal)).toBe(true));

test.each([
  "Find the owner of invoice 77",
  "Watchtower: list its tenants at once",
  "Schreibe eine Zusammenfassung des Berichts",
  "請求書の所有者を探してください",
])("the goal asks for something at once: %s", (goal) => expect(goalAsksToWait(goal)).toBe(false));
