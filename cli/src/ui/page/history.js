// Who did what, newest first, as a timeline.

import { get } from "./ask.js";
import { alert, by, el, empty, kindOf, link, linkAt, plain, size, time } from "./element.js";
import { diff } from "./diff.js";
import { storeTitle } from "./stores.js";

// Ops of one commit that are listed without being asked for.
const FEW = 8;

/** What a dream keeps for itself. */
const isNote = (path) => path.startsWith("/.dream/");

const seqOf = (entry) => Number(entry.version.split(".")[0]);

/** The moment before an op. */
function before(version) {
  const [seq, op] = version.split(".").map(Number);
  return op > 1 ? `${seq}.${op - 1}` : String(seq - 1);
}

function opOf(store, entry) {
  const from = entry.from ? [plain(entry.from), " → "] : [];
  // What is there afterwards, file or folder, can be looked at.
  const isThere = !["remove", "rmdir", "settings", "redact"].includes(entry.op) && entry.path !== "/";
  const path = isThere
    ? linkAt(["stores", store, "files", entry.path.slice(1)], entry.version, plain(entry.path))
    : plain(entry.path);
  const notes = [
    entry.merged && `merged: ${entry.merged}`,
    entry.note,
    entry.gone === "retention" && "past retention",
    entry.bytes ? size(entry.bytes) : null,
  ].filter(Boolean);
  return el(
    "li",
    {},
    el("span", { class: "op" }, entry.op),
    " ",
    from,
    path,
    notes.length ? el("span", { class: "soft" }, ` ${notes.join(" · ")}`) : null,
    entry.forged ? el("strong", { class: "bad" }, " forged: ", by(entry.forged), " wrote it") : null,
  );
}

/** A button that shows what a commit changed. */
function changes(store, path, seq) {
  let shown;
  const button = el("button", { type: "button", class: "quiet", "aria-expanded": "false" }, "Changes");
  button.addEventListener("click", async () => {
    const open = !shown;
    button.setAttribute("aria-expanded", String(open));
    shown?.remove();
    shown = open ? el("div", { class: "changes" }, "…") : undefined;
    if (!open) {
      return;
    }
    const own = shown;
    button.closest("li").append(own);
    try {
      const { files } = await get(["stores", store, "show"], { path, at: seq });
      const seen = files.filter((file) => !isNote(file.path) || isNote(path));
      own.replaceChildren(...(seen.length ? seen.map((file) => diff(file)) : [empty("No text changed.")]));
    } catch (error) {
      own.replaceChildren(alert(error));
    }
  });
  return button;
}

function commit(store, path, entries) {
  const [first] = entries;
  const seq = seqOf(first);
  const seen = entries.filter((entry) => !isNote(entry.path) || isNote(path));
  const ops = el("ul", { class: "ops" }, seen.slice(0, FEW).map((entry) => opOf(store, entry)));
  const more = seen.slice(FEW);
  const rest = more.length
    ? el("button", { type: "button", class: "quiet", click: () => {
        ops.append(...more.map((entry) => opOf(store, entry)));
        rest.remove();
      } }, `${more.length} more`)
    : null;
  const notes = entries.length - seen.length;
  return el(
    "li",
    { class: kindOf(first.author) },
    el(
      "p",
      { class: "facts" },
      by(first.author),
      time(first.time),
      el("span", { class: "soft" }, `commit ${seq}`),
      changes(store, path, seq),
    ),
    ops,
    rest,
    notes ? el("p", { class: "soft" }, "and its own record") : null,
  );
}

function byCommit(entries) {
  const groups = new Map();
  for (const entry of entries) {
    const seq = seqOf(entry);
    groups.set(seq, [...(groups.get(seq) ?? []), entry]);
  }
  return [...groups.values()];
}

/** A page of entries, and a button for the next. */
async function page(store, path, at, list) {
  const entries = await get(["stores", store, "log"], { path, at });
  list.append(...byCommit(entries).map((group) => commit(store, path, group)));
  const last = entries.at(-1);
  const more = last && before(last.version);
  if (!more || more === "0") {
    return;
  }
  // A file is followed to where it was.
  const isFile = path !== "/" && entries.every((entry) => entry.file === last.file);
  const then = isFile ? (last.from ?? last.path) : path;
  const button = el("button", { type: "button" }, "Older");
  const item = el("li", { class: "older" }, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await page(store, then, more, list);
      item.remove();
    } catch (error) {
      item.replaceChildren(alert(error));
    }
  });
  list.append(item);
}

export async function historyView(store, path) {
  const list = el("ol", { class: "timeline" });
  await page(store, path, undefined, list);
  const of = path === "/" ? null : el("p", { class: "crumbs" }, link(["stores", store, "files", path.slice(1)], plain(path)));
  return el("section", {}, storeTitle(store, "history"), of, list.childElementCount ? list : empty("Nothing was written yet."));
}
