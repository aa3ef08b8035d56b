// A store's files, the text of one, and why a line of it is there.

import { get } from "./ask.js";
import { alert, by, byText, el, empty, link, linkAt, plain, size, table, time } from "./element.js";
import { sources } from "./sources.js";
import { storeTitle } from "./stores.js";

const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
const folderOf = (path) => path.slice(0, path.lastIndexOf("/")) || "/";
const inside = (store, part, path) => ["stores", store, part, path.slice(1)];

/** The way to a path, each folder of it a link. */
function crumbs(store, path) {
  const names = path.split("/").filter(Boolean);
  const parts = names.map((name, at) => link(inside(store, "files", `/${names.slice(0, at + 1).join("/")}`), plain(name)));
  const root = link(["stores", store, "files"], store);
  (parts.at(-1) ?? root).setAttribute("aria-current", "page");
  return el("nav", { class: "crumbs", "aria-label": "Path" }, root, parts.flatMap((part) => [" / ", part]));
}

/** A name in a listing, of now or of a version. */
function entry(store, item, at) {
  const mark = { folder: "/", link: ` → ${item.target}` }[item.kind] ?? "";
  return linkAt(inside(store, "files", item.path), at, plain(nameOf(item.path) + mark));
}

/** Which version is shown, and the way to what is there now. */
const asOf = (store, path, at) => [`as of version ${at} `, link(inside(store, "files", path), "show it as it is now")];

const foldersFirst = (a, b) => (b.kind === "folder") - (a.kind === "folder") || (a.path < b.path ? -1 : 1);

function listing(store, path, items, at) {
  if (!items.length) {
    return empty(path === "/" ? "Nothing was written yet." : "The folder is empty.");
  }
  const row = (item) => [
    entry(store, item, at),
    item.kind === "folder" ? "—" : size(item.bytes),
    time(item.time),
    by(item.author),
  ];
  return table(`Files in ${path}`, ["Name", "Size", "Changed", "By"], items.toSorted(foldersFirst).map(row));
}

async function reason(store, path, line) {
  const why = await get(["stores", store, "why"], { path, line });
  const written = why.author ? el("p", {}, "Written by ", byText(why.author), " ", time(why.written)) : null;
  return [written, sources(why)].flat();
}

/** One line, which tells on a click why it is there. */
function lineOf(store, path, text, at) {
  const number = at + 1;
  const label = `Line ${number}: why is it there?`;
  const button = el("button", { type: "button", class: "no", "aria-expanded": "false", "aria-label": label }, String(number));
  const row = el("div", { class: "line" }, button, el("span", { class: "code" }, plain(text)));
  let panel;
  row.addEventListener("click", async () => {
    if (panel) {
      panel.remove();
      panel = undefined;
      button.setAttribute("aria-expanded", "false");
      return;
    }
    // Who selects words wants these.
    if (!getSelection().isCollapsed) {
      return;
    }
    const own = el("div", { class: "why", role: "region", "aria-label": `Why line ${number} is there` }, "…");
    panel = own;
    row.after(own);
    button.setAttribute("aria-expanded", "true");
    try {
      own.replaceChildren(...(await reason(store, path, number)));
    } catch (error) {
      own.replaceChildren(alert(error));
    }
  });
  return row;
}

/** A line of what was: nobody can be asked about it any more. */
const oldLine = (text, at) =>
  el("div", { class: "line" }, el("span", { class: "no" }, String(at + 1)), el("span", { class: "code" }, plain(text)));

function textOf(store, path, file, at) {
  if (file.content.includes("\u0000")) {
    return empty("This is not a text file.");
  }
  const lines = file.content.split("\n");
  lines.at(-1) === "" && lines.pop();
  const rows = lines.map((text, number) => (at ? oldLine(text, number) : lineOf(store, path, text, number)));
  const cut = file.is_cut ? empty(`Only its beginning is shown; it has ${size(file.bytes)}.`) : null;
  return el("div", {}, el("div", { class: "text" }, rows), lines.length ? null : empty("The file is empty."), cut);
}

async function fileView(store, path, at) {
  const [file, siblings] = await Promise.all([
    get(["stores", store, "file"], { path, at }),
    get(["stores", store, "files"], { path: folderOf(path) }).catch(() => []),
  ]);
  const others = siblings.toSorted(foldersFirst).map((item) => {
    const anchor = entry(store, item);
    item.path === path && anchor.setAttribute("aria-current", "page");
    return el("li", {}, anchor);
  });
  const version = at ? asOf(store, path, at) : [`version ${file.version}`];
  return el(
    "div",
    { class: "two" },
    el("nav", { class: "files", "aria-label": `Files in ${folderOf(path)}` }, el("ul", {}, others)),
    el(
      "article",
      {},
      el(
        "p",
        { class: "facts" },
        el("span", {}, size(file.bytes)),
        el("span", {}, ...version),
        el("span", {}, "changed ", time(file.time), " by ", by(file.author)),
        link(inside(store, "history", path), "Its history"),
      ),
      textOf(store, path, file, at),
    ),
  );
}

export async function filesView(store, path, at) {
  const items = await get(["stores", store, "files"], { path, at });
  const isFile = items.length === 1 && items[0].path === path && items[0].kind !== "folder";
  const version = at && !isFile ? el("p", { class: "facts" }, el("span", {}, ...asOf(store, path, at))) : null;
  const body = isFile ? await fileView(store, path, at) : listing(store, path, items, at);
  return el("section", {}, storeTitle(store, "files"), crumbs(store, path), version, body);
}
