const denial =
  /\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|unable|lacks?|lacking|without|fail(?:s|ed|ing|ure)?|unknown|unavailable|missing|empty|denied|declined|refuse[ds]?|refusal|rejected|impossible|absent|invalid|vain|zero|errors?)\b|n't\b/i;

/** Whether a text says that something is not there, not so or not possible. */
export const denies = (text: string): boolean => denial.test(text);
