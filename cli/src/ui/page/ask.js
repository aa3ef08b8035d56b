// Asks the server that sent this page; the key that it wants with each question came with the page's address.

const KEY = "key";

/** Takes the key out of the address, so that it is in nobody's sight and in no bookmark. */
export function takeKey() {
  const found = /^#key=([0-9a-f]+)$/.exec(location.hash);
  if (found) {
    sessionStorage.setItem(KEY, found[1]);
    history.replaceState(null, "", "#/stores");
  }
}

/** What the server or the cluster behind it says against a question. */
export class Refused extends Error {}

async function send(path, options) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY)}`, ...options.headers };
  let response;
  try {
    response = await fetch(`/api/${path}`, { ...options, headers });
  } catch {
    throw new Refused("`kubectl memory ui` has ended; start it again and open the address that it prints");
  }
  const text = await response.text();
  if (response.ok) {
    return JSON.parse(text);
  }
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Refused(text || `HTTP ${response.status}`);
  }
  throw new Refused(said.hint ? `${said.error} (${said.hint})` : said.error);
}

/** A path below /api with each part and each parameter encoded; parameters without a value are left out. */
function at(parts, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given).toString();
  return parts.map(encodeURIComponent).join("/") + (query && `?${query}`);
}

export const get = (parts, parameters) => send(at(parts, parameters), {});

export const post = (parts, body) =>
  send(at(parts), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
