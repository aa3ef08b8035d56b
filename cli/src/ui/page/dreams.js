// The dreams of the namespace, and one: what it changed or would change, why, and the decision.

import { get, post } from "./ask.js";
import { alert, el, empty, link, plain, table, time } from "./element.js";
import { diff } from "./diff.js";
import { sources } from "./sources.js";
import { storeTitle } from "./stores.js";

// How often a dream is looked at that is still at it, in milliseconds.
const LOOK = 2000;

const phaseOf = (dream) => dream.status?.phase ?? "Pending";
const SAID = { NoChange: "No change" };

const badge = (dream) =>
  el("span", { class: `phase ${phaseOf(dream).toLowerCase()}` }, SAID[phaseOf(dream)] ?? phaseOf(dream));

/** How many dreams wait for a decision. */
export async function waiting() {
  return (await get(["dreams"])).filter((dream) => phaseOf(dream) === "Proposed").length;
}

function row(dream) {
  const { spec, status = {}, metadata } = dream;
  return [
    link(["dreams", metadata.name], metadata.name),
    link(["stores", spec.storeRef.name, "files"], spec.storeRef.name),
    badge(dream),
    status.changes ?? "—",
    String(status.sessions ?? "—"),
    status.cost ? `${status.cost} USD` : "—",
    time(status.started),
    plain(status.by ?? "—"),
  ];
}

export async function dreamsView(store) {
  const all = (await get(["dreams"])).filter((dream) => !store || dream.spec.storeRef.name === store);
  const waits = all.filter((dream) => phaseOf(dream) === "Proposed");
  const others = all.filter((dream) => phaseOf(dream) !== "Proposed");
  const headings = ["Dream", "Store", "Phase", "Facts", "Sessions", "Cost", "Started", "Decided by"];
  const part = (title, dreams) =>
    dreams.length ? [el("h2", {}, title), table(title, headings, dreams.map(row), true)] : [];
  return el(
    "section",
    {},
    store ? storeTitle(store, "dreams") : el("h1", { tabindex: -1 }, "Dreams"),
    part("Waiting for a decision", waits),
    part(waits.length ? "All others" : "All", others),
    all.length ? null : empty("Nothing was dreamt yet."),
  );
}

/** Asks for a yes; answers whether it was given. */
function confirmed(title, text, yes) {
  const dialog = document.getElementById("confirm");
  const button = document.getElementById("confirm-yes");
  document.getElementById("confirm-title").textContent = title;
  document.getElementById("confirm-text").textContent = text;
  button.textContent = yes;
  return new Promise((answer) => {
    button.onclick = () => dialog.close("yes");
    document.getElementById("confirm-no").onclick = () => dialog.close("no");
    dialog.onclose = () => answer(dialog.returnValue === "yes");
    dialog.returnValue = "no";
    dialog.showModal();
  });
}

const ASKED = {
  approve: ["Approve", "Its changes become memory, merged with what was written since it was dreamt. That is said in your name."],
  reject: ["Reject", "Nothing of it becomes memory, and what it read is not proposed again. That is said in your name, and for good."],
  undo: ["Undo", "Its changes are taken back; what others wrote since stays. That is said in your name, and for good."],
};

/** Buttons for what may be decided about a dream. */
function actions(dream, again) {
  const name = dream.metadata.name;
  const possible = { Proposed: ["approve", "reject"], Applied: ["undo"] }[phaseOf(dream)] ?? [];
  const buttons = possible.map((asked) => {
    const [word, means] = ASKED[asked];
    const button = el("button", { type: "button", class: asked === "approve" ? "primary" : "" }, word);
    button.addEventListener("click", async () => {
      if (!(await confirmed(`${word} dream/${name}?`, means, word))) {
        return;
      }
      const said = document.getElementById("said");
      said.replaceChildren(`${word}: the operator is asked…`);
      buttons.forEach((button) => (button.disabled = true));
      box.querySelector(".alert")?.remove();
      try {
        const decided = await post(["dreams", name, asked], { proposalDigest: dream.status.proposalDigest });
        const by = decided.status.by ? [" by ", ...plain(decided.status.by)] : [];
        said.replaceChildren(`dream/${name}: ${phaseOf(decided)}`, ...by);
        again();
      } catch (error) {
        said.replaceChildren();
        box.append(alert(error));
        buttons.forEach((button) => (button.disabled = false));
      }
    });
    return button;
  });
  const box = el("div", { class: "actions" }, el("div", { class: "buttons" }, buttons));
  return box;
}

function facts(dream) {
  const { spec, status = {} } = dream;
  const count = status.facts ?? {};
  const counts = ["added", "merged", "replaced", "forgotten", "quarantined"]
    .filter((key) => count[key])
    .map((key) => `${count[key]} ${key === "quarantined" ? "kept out" : key}`);
  const all = [
    ["Store", link(["stores", spec.storeRef.name, "files"], spec.storeRef.name)],
    ["Facts", counts.join(", ") || "none"],
    ["Sessions read", String(status.sessions ?? 0)],
    ["Model", spec.model ? plain(spec.model.name) : "rules"],
    ["Cost", status.cost && `${status.cost} USD, ${status.tokens ?? 0} tokens`],
    ["Started", status.started && time(status.started)],
    ["Took", status.seconds !== undefined && `${status.seconds} s`],
    ["Commit", status.result && link(["stores", spec.storeRef.name, "history"], String(status.result))],
    ["Decided by", status.by && plain(status.by)],
  ];
  return el("dl", {}, all.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** What went otherwise than it should. */
function troubles(dream) {
  const passing = ["WaitingForPod", "Dreaming", "WaitingForDecision"];
  const found = (dream.status?.conditions ?? []).filter((c) => c.status === "False" && !passing.includes(c.reason));
  return found.map((c) => el("p", { class: "alert" }, el("b", {}, c.reason), ": ", plain(c.message)));
}

function reasons(dream) {
  const all = dream.status?.reasons ?? [];
  const title = el("h2", {}, "What it says about itself");
  return all.length ? [title, el("ul", { class: "reasons" }, all.map((reason) => el("li", {}, plain(reason))))] : [];
}

/** Fills in what stands beside the lines, once it is known. */
async function fill(name, places) {
  let found;
  try {
    found = await get(["dreams", name, "evidence"]);
  } catch (error) {
    places.values().next().value?.replaceChildren(alert(error));
    return;
  }
  for (const why of found) {
    places.get(`/${why.path}:${why.line}`)?.replaceChildren(...sources(why));
  }
}

export async function dreamView(name, again) {
  const { dream, files } = await get(["dreams", name]);
  const places = new Map();
  const beside = (path) => (line) => {
    const place = el("div", { class: "evidence" });
    places.set(`${path}:${line}`, place);
    return place;
  };
  const diffs = files.map((file) => diff(file, beside(file.path)));
  if (places.size) {
    fill(name, places);
  }
  const here = location.hash;
  if (["Pending", "Running"].includes(phaseOf(dream))) {
    setTimeout(() => location.hash === here && again(), LOOK);
  }
  const changes = phaseOf(dream) === "Proposed" ? "What it would change" : "What it changed";
  return el(
    "section",
    {},
    el(
      "div",
      { class: "title" },
      el("h1", { tabindex: -1 }, el("small", {}, "dream "), name, " ", badge(dream)),
      actions(dream, again),
    ),
    troubles(dream),
    facts(dream),
    reasons(dream),
    diffs.length ? [el("h2", {}, changes, el("small", {}, "beside each line, the words it rests on")), diffs] : null,
  );
}
