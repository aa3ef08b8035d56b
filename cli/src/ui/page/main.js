// Which view an address means, and the frame around all of them.

import { get, takeKey } from "./ask.js";
import { alert, el, plain } from "./element.js";
import { dreamsView, dreamView, waiting } from "./dreams.js";
import { filesView } from "./files.js";
import { historyView } from "./history.js";
import { storesView } from "./stores.js";

const main = document.getElementById("main");
let shown = 0;

/** The view of an address like `#/stores/project/files/notes/a.md?at=3.1`, and what it is called. */
function view() {
  const [path, query] = location.hash.slice(2).split("?");
  const [what, name, part, ...inside] = path.split("/").map(decodeURIComponent);
  const at = new URLSearchParams(query).get("at") ?? undefined;
  if (what === "dreams") {
    return name ? [`dream/${name}`, () => dreamView(name, refresh)] : ["Dreams", () => dreamsView()];
  }
  if (what === "stores" && name) {
    const below = `/${inside.join("/")}`;
    switch (part) {
      case "history":
        return [`${name} · history`, () => historyView(name, below)];
      case "dreams":
        return [`${name} · dreams`, () => dreamsView(name)];
      default:
        return [name, () => filesView(name, below, at)];
    }
  }
  return ["Stores", storesView];
}

async function show() {
  const turn = ++shown;
  for (const anchor of document.querySelectorAll(".top nav a")) {
    const here = location.hash.startsWith(anchor.getAttribute("href"));
    here ? anchor.setAttribute("aria-current", "page") : anchor.removeAttribute("aria-current");
  }
  main.setAttribute("aria-busy", "true");
  let content;
  try {
    const [title, make] = view();
    document.title = `${title} · Memory`;
    content = await make();
  } catch (error) {
    content = alert(error);
  }
  // Whoever went elsewhere meanwhile is not brought back.
  if (turn === shown) {
    main.replaceChildren(content);
    main.removeAttribute("aria-busy");
  }
}

async function frame() {
  const who = document.getElementById("who");
  try {
    const about = await get(["about"]);
    const user = about.user ? [" as ", el("b", {}, plain(about.user))] : [];
    who.replaceChildren("namespace ", el("b", {}, about.namespace), ...user);
  } catch {
    // The view says why.
    who.replaceChildren();
  }
  const badge = document.getElementById("waiting");
  const count = await waiting().catch(() => 0);
  badge.hidden = count === 0;
  badge.replaceChildren(String(count), el("span", { class: "aside" }, " wait for a decision"));
}

const refresh = () => Promise.all([show(), frame()]);

async function navigate() {
  takeKey();
  document.getElementById("said").replaceChildren();
  await refresh();
  window.scrollTo(0, 0);
  main.querySelector("h1")?.focus();
}

addEventListener("hashchange", navigate);
navigate();
