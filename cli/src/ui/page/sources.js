// The words that a line of memory rests on.

import { by, el, moment, plain } from "./element.js";

const HOW = {
  typed: "typed by a person",
  grounded: "said by the agent, borne out by a tool",
  seen: "a command that worked",
};

function figure(source) {
  const words = source.words
    ? el("blockquote", {}, plain(source.words))
    : el("p", { class: "soft" }, "The words can't be shown: ", plain(source.note ?? ""));
  const line = source.line ? `, line ${source.line}` : "";
  return el(
    "figure",
    {},
    words,
    el(
      "figcaption",
      {},
      `${HOW[source.trust] ?? source.trust} · `,
      by({ agent: source.agent }),
      " · ",
      moment(source.time),
      " · ",
      el("span", { class: "path" }, plain(source.path), line),
    ),
  );
}

/** What a line rests on, each with where it was said. */
export const sources = (why) =>
  why.sources.length
    ? why.sources.map(figure)
    : [el("p", { class: "soft" }, "It is not known which session it came from.")];
