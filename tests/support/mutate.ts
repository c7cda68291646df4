/**
 * Makes wrong programs out of right ones, the way people and broken editors do: tokens swapped, dropped, doubled or
 * brought in from elsewhere, lines moved, characters of noise, the end cut off.
 *
 * Stays true: the same random numbers give the same text.
 */
import { randomInt } from "./random.ts";

const TOKEN =
  /#[^\n]*|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|\d[\d_.]*\w*|->|=>|<-|\|>|::|\+\+|\*\*|&&|\|\||[=!<>]=|\.\.=?|%\{|#\{|[ \t]+|\n|./gsu;

const NOISE = [
  "\0",
  "\u001b",
  "“",
  "é",
  "日",
  "\u202e",
  "\ufeff",
  "\r",
  "\\",
  "`",
  "$",
  "@",
  "~",
  "?",
  "'",
  '"',
  "${",
  "#*",
  "*#",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
];

const WORDS = [
  "if", "then", "else", "match", "when", "receive", "after", "try", "catch", "finally", "spawn", "mvar", "var", "type", "fn", "end", "do",
  "while", "for", "to", "in", "break", "continue", "return", "self()", "_", "0", "-1", "9223372036854775807", "1.5", '""', "'a'", "()", "[]",
  "%{}", "#{}", "{}", "->", "=>", "=", "|", ",", ";", ":", "::", "++", "+", "-", "*", "/", "%", "==", "<", "&&", "||", "!", "|>", "<-", "..", "^",
  "true", "None", "Some", "pub", "module", "use", "trait", "template", "quote", "reactive", "private", "not", "panic", "throw", "const",
]; // biome-ignore format: a word list

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T => list[randomInt(random, list.length)] as T;

/** One change to a list of tokens, in place. */
const CHANGES: readonly ((tokens: string[], random: Random, corpus: readonly string[]) => void)[] = [
  (tokens, random) => void tokens.splice(randomInt(random, tokens.length), 1),
  (tokens, random) => void tokens.splice(randomInt(random, tokens.length), 1 + randomInt(random, 8)),
  (tokens, random) => {
    const at = randomInt(random, tokens.length);
    tokens.splice(at, 0, tokens[at] as string);
  },
  (tokens, random) => {
    const a = randomInt(random, tokens.length);
    const b = randomInt(random, tokens.length);
    [tokens[a], tokens[b]] = [tokens[b] as string, tokens[a] as string];
  },
  (tokens, random) => {
    const from = randomInt(random, tokens.length);
    const piece = tokens.slice(from, from + 1 + randomInt(random, 30));
    tokens.splice(randomInt(random, tokens.length), 0, ...piece);
  },
  (tokens, random) => {
    tokens[randomInt(random, tokens.length)] = pick(random, WORDS);
  },
  (tokens, random) => void tokens.splice(randomInt(random, tokens.length), 0, " ", pick(random, WORDS), " "),
  (tokens, random, corpus) => {
    const other = pick(random, corpus).match(TOKEN) ?? [];
    const from = randomInt(random, other.length);
    tokens.splice(
      randomInt(random, tokens.length),
      randomInt(random, 4),
      ...other.slice(from, from + 1 + randomInt(random, 12)),
    );
  },
  (tokens, random) => void tokens.splice(randomInt(random, tokens.length), 0, pick(random, NOISE)),
  (tokens, random) => {
    const at = randomInt(random, tokens.length);
    const token = tokens[at] as string;
    const inside = randomInt(random, token.length + 1);
    tokens[at] = token.slice(0, inside) + pick(random, NOISE) + token.slice(inside + randomInt(random, 2));
  },
  (tokens, random) => void tokens.splice(Math.floor(tokens.length * (0.5 + random() / 2))),
];

/** A text with one to four changes; `corpus` is where pieces of other programs come from. */
export function mutate(text: string, random: Random, corpus: readonly string[]): string {
  const tokens: string[] = text.match(TOKEN) ?? [];
  const count = 1 + randomInt(random, 4);
  for (let change = 0; change < count && tokens.length > 0; change++) pick(random, CHANGES)(tokens, random, corpus);
  return tokens.join("");
}
