/*
 * Owns: whether a result, or a goal, speaks of waiting, in the languages that tools and people mostly use.
 */

const waitingWords = {
  en: String.raw`running|pending|queued|in[ _-]?progress|processing|waiting|building|deploying|starting|started|initiali[sz]ing|provisioning|scheduled|not (?:yet )?(?:ready|done|finished|complete|available)|not yet|still|creating|updating|syncing|uploading|downloading|installing|compiling|loading|warming|submitted|accepted|enqueued|working|await(?:s|ing)|try again later|please wait`,
  de: "in bearbeitung|wird (?:gerade )?(?:bearbeitet|verarbeitet|erstellt|ausgeführt|geladen|vorbereitet)|läuft|ausstehend|wartet|in (?:der )?warteschlange|noch nicht|bitte warten",
  fr: "en cours|en attente|en file|pas encore|patientez",
  es: "en curso|en proceso|en espera|en cola|pendiente|procesando|todavía no|aún no",
  it: "in corso|in attesa|in coda|in elaborazione|non ancora",
  pt: "em andamento|em processamento|na fila|pendente|aguardando|ainda não",
  nl: "in behandeling|in de wachtrij|bezig|nog niet",
} as const;
const waitingSigns =
  "処理中|実行中|待機中|進行中|準備中|作成中|お待ちください|处理中|进行中|等待中|排队中|运行中|처리 중|진행 중|대기 중";
const terminalWords = {
  en: "done|complete|completed|finished|succeeded|success|failed|failure|error|errors|cancelled|canceled|denied|not found|invalid|stopped|exited|crashed",
  de: "fertig|abgeschlossen|beendet|fehlgeschlagen|fehler|abgebrochen|abgelehnt",
  fr: "terminée?|réussie?|échouée?|échec|erreur|annulée?|refusée?",
  es: "terminad[oa]|completad[oa]|fallid[oa]|falló|error|cancelad[oa]|rechazad[oa]",
  it: "terminat[oa]|completat[oa]|fallit[oa]|errore|annullat[oa]",
  pt: "concluíd[oa]|terminad[oa]|falhou|erro|cancelad[oa]",
  nl: "klaar|voltooid|mislukt|geannuleerd|fout",
} as const;
const terminalSigns = "完了|失敗|完成|失败|成功|错误|エラー|완료|실패";

/** Latin letters and those of East Asia; classes of all scripts are slow to match. */
const letter = String.raw`A-Za-z\u00c0-\u024f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af`;

/** Words stand for themselves; signs are written without spaces between. */
function among(lists: Readonly<Record<string, string>>, signs: string): RegExp {
  const all = Object.values(lists).join("|");
  return new RegExp(String.raw`(?<![\d_${letter}])(?:${all})(?![\d_${letter}])|${signs}`, "i");
}

const waitingWord = among(waitingWords, waitingSigns);
const terminalWord = among(terminalWords, terminalSigns);
const statusField = new RegExp(
  String.raw`(?:["<]|^|\n)\s*(?:\w+_)?(?:status|state|phase|stage|progress|conclusion|zustand|statut|[eé]tat|estado|stato|状態|状态|ステータス)(?:"?\s*[:=]\s*"?|>)([${letter}][\w ${letter}-]{1,40})`,
  "gi",
);
const notReadyField =
  /"(?:is_?)?(?:ready|done|finished|completed?|available|live|online|deployed|healthy|up|succeeded)"\s*:\s*(?:false|"(?:false|no)")/i;
const maxChars = 400;

/** Whether a short result, or a status field in it, says that something is still under way. */
export function saysWaiting(result: string): boolean {
  const fields = [...result.slice(0, 4000).matchAll(statusField)].map((match) =>
    (match[1] ?? "").replaceAll("_", " "),
  );
  if (result.length <= maxChars && notReadyField.test(result)) return true;
  if (fields.length > 0) return fields.some((field) => waitingWord.test(field));
  if (result.length > maxChars) return false;
  const text = result.replaceAll("_", " ");
  return (
    waitingWord.test(text) &&
    !terminalWord.test(text.replaceAll(/\bnot (?:yet )?(?:done|finished|completed?)\b/gi, ""))
  );
}

const waitingGoal = among(
  {
    en: String.raw`wait|monitor|watch|poll|keep checking|keep an eye|until (?:it|they|the)|once (?:it|they|the)|as soon as|as (?:it|they|new [a-z]+) (?:come|arrive)s?|every (?:\d+|few) (?:seconds?|minutes?|hours?)|every (?:second|minute|hour)`,
    de: String.raw`warten?|abwarten|überwachen?|beobachten?|sobald|jede (?:minute|stunde)|alle \d+ (?:sekunden|minuten|stunden)`,
    fr: String.raw`attend(?:s|re|ez)|surveille[rz]?|dès (?:que|qu)|toutes les`,
    es: String.raw`esper(?:a|e|ar)|vigil(?:a|e|ar)|monitori[zc](?:a|e|ar)|en cuanto|cada (?:\d+|minuto|hora)`,
    it: String.raw`attend(?:i|ere)|aspetta(?:re)?|sorveglia(?:re)?|non appena|ogni (?:\d+|minuto|ora)`,
    pt: String.raw`aguard(?:e|ar)|monitor(?:e|ar)|assim que|a cada`,
    nl: String.raw`wacht(?:en)?|bewaak|zodra|elke (?:\d+|minuut)`,
  },
  "待って|待つ|監視|見張|等待|监控|监视|每隔|기다|모니터링",
);

/** Whether a goal itself asks to wait or watch. */
export function goalAsksToWait(goal: string): boolean {
  return waitingGoal.test(goal);
}
