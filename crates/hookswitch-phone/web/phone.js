// The phone's page: shows its status and carries the browser's audio. It never rings.
"use strict";

const FLOOR_DBFS = -60;
const POLL_MS = 250;
const $ = (id) => document.getElementById(id);
let peer = null;

const text = (node, value) => {
  if (node.textContent !== value) node.textContent = value;
};

async function api(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(`/api/v1/${path}`, options);
  const type = response.headers.get("Content-Type") ?? "";
  const answer = type.includes("json") ? await response.json() : null;
  if (!response.ok) throw new Error(answer?.message ?? `The phone answered ${response.status}.`);
  return answer;
}

// Keeps the list's items in place, so that focus and screen readers are not disturbed.
function list(id, items, key, draw, empty) {
  const node = $(id);
  const old = new Map([...node.children].map((child) => [child.dataset.key, child]));
  const rows = items.length > 0 ? items : [null];
  const wanted = rows.map((item) => {
    const name = item ? key(item) : "";
    const row = old.get(name) ?? Object.assign(document.createElement("li"));
    row.dataset.key = name;
    if (item) draw(row, item); else text(row, empty);
    return row;
  });
  if (wanted.some((row, at) => node.children[at] !== row) || node.children.length !== rows.length) {
    node.replaceChildren(...wanted);
  }
}

function part(row, name, tag) {
  let node = row.querySelector(`[data-part="${name}"]`);
  if (!node) {
    node = document.createElement(tag);
    node.dataset.part = name;
    row.append(node);
  }
  return node;
}

function drawAccount(row, account) {
  text(part(row, "name", "strong"), `${account.name}: ${account.address}`);
  const state = part(row, "state", "span");
  state.className = account.state;
  text(state, account.text);
}

function callSentence(call) {
  const where = call.audio.device ? `. Audio: ${call.audio.device}` : "";
  if (call.stage === "ringing" || call.stage === "reported") return "Ringing in the calling UI";
  if (call.stage === "dialing") return "Dialing";
  if (call.stage === "answering") return "Connecting";
  if (call.held) return "On hold";
  if (call.held_by_peer) return "The other side put this call on hold";
  if (!call.audio.active) return "Connected; another call has the audio";
  return `Connected${call.audio.muted ? ", muted" : ""}${where}`;
}

function meter(row, name, label, dbfs) {
  const box = part(row, "meters", "div");
  box.className = "meters";
  text(part(box, `${name}-label`, "span"), label);
  const node = part(box, name, "meter");
  node.min = FLOOR_DBFS;
  node.max = 0;
  node.value = Math.max(FLOOR_DBFS, dbfs);
  node.setAttribute("aria-label", label);
  const level = dbfs <= FLOOR_DBFS ? "silent" : `${Math.round(dbfs)} dB`.replace("-", "\u2212");
  text(part(box, `${name}-text`, "span"), level);
}

function drawCall(row, call) {
  const address = call.address.replace(/^sip:/u, "");
  text(part(row, "name", "strong"), call.name ?? address);
  text(part(row, "address", "small"), call.name ? address : "");
  const state = part(row, "state", "span");
  state.className = call.held || call.held_by_peer ? "held" : call.stage;
  text(state, callSentence(call));
  meter(row, "in", "Heard", call.audio.in_dbfs);
  meter(row, "out", "Sent", call.audio.out_dbfs);
}

function draw(status) {
  text($("system"), status.system.text);
  $("system").className = status.system.ready ? "" : "bad";
  text($("own"), status.own_address);
  list("accounts", status.accounts, (account) => account.name, drawAccount,
    "None. Direct calls need no account; hookswitch-phone config shows how to add one.");
  list("calls", status.calls, (call) => call.key, drawCall, "No calls.");
  const here = status.endpoint === "browser";
  $("browser").setAttribute("aria-checked", String(here));
  text($("browser-state"), here ? "On" : "Off");
  if (here && peer) {
    text($("browser-note"), status.browser === "connected"
      ? "Calls are heard and spoken here." : "Connecting this browser.");
  } else if (here) {
    text($("browser-note"), "Calls are heard in another browser window.");
  }
}

async function poll() {
  try {
    draw(await api("status"));
  } catch {
    text($("system"), "The phone does not answer. It may have been stopped.");
    $("system").className = "bad";
  }
  setTimeout(poll, POLL_MS);
}

async function connectBrowser() {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const connection = new RTCPeerConnection();
  connection.ontrack = (event) => { $("remote").srcObject = event.streams[0]; };
  microphone.getTracks().forEach((track) => connection.addTrack(track, microphone));
  peer = { connection, microphone };
  await connection.setLocalDescription();
  await new Promise((done) => {
    if (connection.iceGatheringState === "complete") return done();
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") done();
    });
    setTimeout(done, 2000);
  });
  const answer = await api("browser-offer", { sdp: connection.localDescription.sdp });
  await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
}

function disconnectBrowser() {
  peer?.microphone.getTracks().forEach((track) => track.stop());
  peer?.connection.close();
  peer = null;
}

async function toggleBrowser() {
  const wanted = $("browser").getAttribute("aria-checked") !== "true" || !peer;
  try {
    if (wanted) {
      disconnectBrowser();
      await connectBrowser();
    } else {
      disconnectBrowser();
      text($("browser-note"), "Calls are heard on this computer.");
    }
    await api("endpoint", { endpoint: wanted ? "browser" : "computer" });
  } catch (error) {
    disconnectBrowser();
    text($("browser-note"), `This browser cannot be used: ${error.message}`);
  }
}

$("dial-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = $("dial-note");
  note.className = "";
  try {
    await api("dial", { to: $("dial").value });
    text(note, "Calling. The call appears in the calling UI.");
  } catch (error) {
    note.className = "bad";
    text(note, error.message);
  }
});
$("browser").addEventListener("click", toggleBrowser);
addEventListener("pagehide", disconnectBrowser);
poll();
