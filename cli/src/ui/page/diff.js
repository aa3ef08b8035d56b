// A file's unified diff, line by line; beside each line, where they are known, the words it rests on.

import { el, plain } from "./element.js";

/** The rows of a unified diff: a sign, the text, and the numbers of the line before and after. */
function* rows(text) {
  let [before, after] = [0, 0];
  for (const line of text.split("\n").slice(0, -1)) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk) {
      [before, after] = [Number(hunk[1]), Number(hunk[2])];
      yield { sign: "@", text: line };
    } else if (before + after === 0 || line.startsWith("\\")) {
      // The names of the files; a missing line end.
      continue;
    } else {
      const sign = line[0];
      yield {
        sign,
        text: line.slice(1),
        before: sign === "+" ? "" : before++,
        after: sign === "-" ? "" : after++,
      };
    }
  }
}

const SIGNS = { "+": ["ins", "added: "], "-": ["del", "removed: "] };

function rowOf(row, beside) {
  if (row.sign === "@") {
    return el("div", { class: "row hunk" }, el("span", { class: "code" }, row.text));
  }
  const [tag, said] = SIGNS[row.sign] ?? ["span", ""];
  return el(
    "div",
    { class: `row ${tag}` },
    el("span", { class: "no" }, String(row.before)),
    el("span", { class: "no" }, String(row.after)),
    el(tag, { class: "code" }, el("span", { class: "aside" }, said), plain(row.text)),
    beside && row.sign === "+" ? beside(row.after) : null,
  );
}

/** The diff of a file; `beside` makes what stands next to an added line, by its number. */
export function diff(file, beside) {
  const all = [...rows(file.text ?? "")];
  const count = (sign) => all.filter((row) => row.sign === sign).length;
  const counts = file.text ? [el("span", { class: "plus" }, `+${count("+")}`), el("span", { class: "minus" }, `−${count("-")}`)] : [];
  const note = file.note ? el("span", { class: "soft" }, plain(file.note)) : null;
  return el(
    "section",
    { class: beside ? "file beside" : "file" },
    el("h3", {}, el("span", { class: "path" }, plain(file.path)), counts, note),
    el("div", { class: "diff" }, all.map((row) => rowOf(row, beside))),
  );
}
