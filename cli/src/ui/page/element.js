// Makes elements. Text only ever becomes text: memories and transcripts are nobody's to trust.

// Characters that are not seen, or that change how others are: shown by their numbers.
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e01ef}]/gu;

/** An element with attributes (functions become listeners) and children (strings become text). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
  return element;
}

/** What others wrote, as text with nothing hidden in it. */
export function plain(text) {
  const out = [];
  let end = 0;
  for (const found of text.matchAll(UNSEEN)) {
    const number = found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    out.push(text.slice(end, found.index), el("span", { class: "unseen", title: "a character that is not seen" }, `U+${number}`));
    end = found.index + found[0].length;
  }
  out.push(text.slice(end));
  return out;
}

/** A link inside the page. */
export const link = (to, ...children) => linkAt(to, undefined, ...children);

/** A link inside the page, to what was at a version. */
export const linkAt = (to, at, ...children) =>
  el("a", { href: `#/${to.map(encodePart).join("/")}${at ? `?at=${at}` : ""}` }, ...children);

/** A path's slashes stay. */
const encodePart = (part) => part.split("/").map(encodeURIComponent).join("/");

const exact = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium" });

/** How long ago, in the largest unit, as `kubectl memory` says it. */
function ago(seconds) {
  const units = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [length, unit] = units.find(([length]) => seconds >= length) ?? [1, "s"];
  return seconds < 10 ? "just now" : `${Math.floor(seconds / length)} ${unit} ago`;
}

/** How long ago; exactly on hovering, and where it is long ago. */
export function time(text) {
  if (!text) {
    return "—";
  }
  const then = new Date(text);
  const seconds = (Date.now() - then) / 1000;
  const isFar = seconds > 30 * 86_400 || seconds < -60;
  return el("time", { datetime: text, title: exact.format(then) }, isFar ? exact.format(then) : ago(seconds));
}

/** A day and a time of day. */
export const moment = (text) => el("time", { datetime: text }, exact.format(new Date(text)));

/** Bytes, as Kubernetes writes them. */
export function size(bytes) {
  const [unit, factor] = [["Gi", 2 ** 30], ["Mi", 2 ** 20], ["Ki", 2 ** 10]].find(([, f]) => bytes >= f) ?? [" B", 1];
  const count = bytes / factor;
  return `${Number.isInteger(count) ? count : count.toFixed(1)}${unit}`;
}

const KINDS = { user: "person", agent: "agent", dream: "dream", maintenance: "upkeep" };

/** What kind of author it is: a person, an agent, a dream, or upkeep. */
export const kindOf = (author) => KINDS[Object.keys(KINDS).find((key) => author[key] !== undefined)];

/** An author as the log has one. */
export function by(author) {
  const kind = kindOf(author);
  const name = author.user ?? author.agent ?? author.dream ?? author.maintenance;
  const where = [author.namespace, author.pod].filter(Boolean).join("/");
  return el("span", { class: `by ${kind}`, title: where || false }, `${kind} `, el("b", {}, plain(name)));
}

/** An author as a text has one: `agent worker`. */
export function byText(text) {
  const [first, ...rest] = text.split(" ");
  return by(first in KINDS && rest.length ? { [first]: rest.join(" ") } : { maintenance: text });
}

/** A table with headings; each row is its cells, one per heading. Tables that stand below each other are `even`. */
export function table(caption, headings, rows, isEven = false) {
  const cells = (row) => row.map((cell, at) => el("td", { "data-of": headings[at] }, cell));
  return el(
    "table",
    { class: isEven ? "rows even" : "rows" },
    el("caption", { class: "aside" }, caption),
    el("thead", {}, el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, cells(row)))),
  );
}

/** What is said where there is nothing. */
export const empty = (...text) => el("p", { class: "empty" }, ...text);

/** What went wrong. */
export const alert = (error) => el("p", { class: "alert", role: "alert" }, plain(error.message));
