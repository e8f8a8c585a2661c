/** Of one pattern: characters, regular expressions, wildcards in one selector, selectors with a wildcard. */
export const PATTERN_MAX_CHARS = 1_024;
export const REGEX_MAX = 2;
export const WILDCARDS_PER_SELECTOR_MAX = 1;
export const WILDCARD_SELECTORS_MAX = 3;
/** Of one log group: metric and subscription filters whose pattern has a regular expression. */
export const REGEX_PATTERNS_PER_LOG_GROUP_MAX = 5;
