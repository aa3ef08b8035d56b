// The stores of the namespace.

import { get } from "./ask.js";
import { el, empty, link, plain, table, time } from "./element.js";

/** The heading of a store's views, with the way to its others. */
export function storeTitle(name, current) {
  const tab = (part, text) => {
    const anchor = link(["stores", name, part], text);
    part === current && anchor.setAttribute("aria-current", "page");
    return anchor;
  };
  const tabs = [tab("files", "Files"), tab("history", "History"), tab("dreams", "Dreams")];
  return el(
    "div",
    { class: "title" },
    el("h1", { tabindex: -1 }, el("small", {}, "store "), name),
    el("nav", { class: "tabs", "aria-label": `Views of ${name}` }, tabs),
  );
}

function ready(store) {
  const found = (store.status?.conditions ?? []).find((condition) => condition.type === "Ready");
  if (found?.status === "True") {
    return el("span", { class: "state good" }, store.spec.archived ? "archived" : "ready");
  }
  const said = found ? `${found.reason}: ${found.message}` : "the operator has not looked at it yet";
  return el("span", { class: "state bad", title: said }, found?.reason ?? "unknown");
}

function row(store) {
  const { spec, status = {}, metadata } = store;
  const sessions = spec.purpose === "Sessions" ? el("small", {}, " transcripts") : null;
  const description = spec.description ? el("p", { class: "soft" }, plain(spec.description)) : null;
  return [
    el("div", {}, link(["stores", metadata.name, "files"], metadata.name), sessions, description),
    ready(store),
    String(status.files ?? "—"),
    status.size ?? "—",
    String(status.head ?? "—"),
    time(status.lastWrite),
    time(status.lastDream),
  ];
}

export async function storesView() {
  const stores = await get(["stores"]);
  const headings = ["Store", "State", "Files", "Size", "Head", "Last write", "Last dream"];
  const listed = stores.length
    ? table("Stores of the namespace", headings, stores.map(row))
    : empty("There is no MemoryStore in this namespace.");
  return el("section", {}, el("h1", { tabindex: -1 }, "Stores"), listed);
}
