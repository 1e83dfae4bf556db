// One message as an element. Text goes in by textContent only.

const STATES = {
  sending: ["◷", "Đang gửi"],
  delivered: ["✓✓", "Đã nhận"],
  waiting: ["↻", "Chưa tới nơi, sẽ gửi lại"],
  failed: ["!", "Không tới được"],
  no_webhook: ["✓", "Đã gửi, chưa nối trợ lý"],
  sent: ["✓", "Đã gửi"],
};
const SENDERS = { api: "Trợ lý tự động", staff: "Cán bộ" };
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

export function element(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  const { className, text, ...attributes } = options;
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter(Boolean));
  return made;
}

export function webAddress(text) {
  try {
    const url = new URL(text, document.baseURI);
    return ["http:", "https:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function link(address, text, className = "") {
  const url = webAddress(address);
  if (!url) return element("span", { text });
  return element("a", { className, text, href: url.href, target: "_blank", rel: "noopener noreferrer" });
}

function paragraph(text) {
  const made = element("p", { className: "words" });
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    made.append(text.slice(from, found.index), link(found[0], found[0]));
    from = found.index + found[0].length;
  }
  made.append(text.slice(from));
  return made;
}

function size(bytes) {
  if (!bytes) return "";
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function picture({ content }) {
  const url = webAddress(content.url);
  if (!url) return element("p", { text: "Ảnh" });
  if (url.origin !== window.location.origin) return link(content.url, `Xem ảnh (${url.host})`, "card");
  const image = element("img", { src: url.href, alt: `Ảnh: ${content.name || "không có tên"}`, loading: "lazy" });
  return element("a", { href: url.href, target: "_blank", rel: "noopener", className: "picture" }, image);
}

function fileCard({ content }) {
  const card = link(content.url, "", "card file");
  card.append(element("strong", { text: content.name }), element("span", { text: size(content.size) }));
  return card;
}

function placeCard({ content: { latitude, longitude } }) {
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  const card = link(map, "", "card place");
  card.append(element("strong", { text: "Vị trí" }), element("span", { text: `${latitude}, ${longitude}` }));
  return card;
}

function infoCard({ content }) {
  const lines = [content.name, content.phone, content.full_address?.user_address].filter(Boolean);
  const card = element("div", { className: "card" }, element("strong", { text: "Thông tin đã chia sẻ" }));
  card.append(...lines.map((text) => element("span", { text })));
  return card;
}

function infoRequest({ content }, actions) {
  const card = element("div", { className: "card" });
  card.append(element("strong", { text: content.title }), element("span", { text: content.subtitle }));
  const button = element("button", { type: "button", className: "primary", text: "Chia sẻ thông tin" });
  button.addEventListener("click", () => {
    const form = document.getElementById("info-template").content.cloneNode(true).firstElementChild;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      actions.shareInfo(Object.fromEntries(new FormData(form)));
      form.replaceWith(element("span", { text: "Đã gửi thông tin." }));
    });
    button.replaceWith(form);
    form.querySelector("input").focus();
  });
  card.append(button);
  return card;
}

function listCard({ content }) {
  const items = content.elements.map((item) => {
    const address = item.default_action?.url;
    const title = address ? link(address, item.title) : element("strong", { text: item.title });
    return element("li", {}, title, element("span", { text: item.subtitle || "" }));
  });
  return element("ul", { className: "card" }, ...items);
}

function sticker({ content }) {
  return element("p", { className: "sticker-card", text: `Nhãn dán ${content.id}` });
}

const BODIES = {
  image: picture,
  gif: picture,
  file: fileCard,
  audio: (message) => fileCard({ content: { ...message.content, name: "Tin nhắn thoại" } }),
  location: placeCard,
  info: infoCard,
  info_request: infoRequest,
  list: listCard,
  sticker,
};

function choice(message, button, index, actions) {
  const hooks = { className: "choice", "data-testid": "button-choice" };
  const address = { "oa.open.url": button.payload.url, "oa.open.phone": `tel:${button.payload.phone_code}` }[button.type];
  if (address && (webAddress(address) || address.startsWith("tel:"))) {
    const kind = button.type === "oa.open.url" ? "Mở liên kết" : "Gọi điện";
    const made = element("a", { ...hooks, href: address, text: button.title, title: kind });
    if (button.type === "oa.open.url") Object.assign(made, { target: "_blank", rel: "noopener noreferrer" });
    made.append(element("span", { className: "mark", text: button.type === "oa.open.url" ? "↗" : "☎", "aria-hidden": "true" }));
    return made;
  }
  const made = element("button", { ...hooks, type: "button", text: button.title });
  made.addEventListener("click", () => actions.tap(message.msg_id, index));
  return made;
}

function quoted(message, actions) {
  if (!message.quote) return null;
  return element("blockquote", { text: actions.textOf(message.quote) || "Tin nhắn trước" });
}

function foot(message) {
  const when = new Date(message.at);
  const clock = when.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
  const made = element("div", { className: "foot" }, element("time", { text: clock, datetime: when.toISOString() }));
  if (message.direction === "in") made.append(element("span", { className: "state" }));
  return made;
}

export function setState(bubble, state) {
  const place = bubble.querySelector(".state");
  if (!place || place.dataset.state === state) return;
  const [mark, words] = STATES[state] || STATES.sent;
  place.dataset.state = state;
  place.replaceChildren(element("span", { text: mark, "aria-hidden": "true" }), ` ${words}`);
}

export function bubble(message, actions) {
  const mine = message.direction === "in";
  const made = element("article", {
    className: `bubble ${mine ? "mine" : "theirs"} ${message.kind}`,
    "data-testid": mine ? "bubble-in" : "bubble-out",
    "data-origin": message.origin,
    "data-seq": message.seq,
  });
  const sender = mine ? "Bạn" : SENDERS[message.origin];
  made.append(element("p", { className: mine ? "visually-hidden" : "sender", text: sender }));
  const draw = BODIES[message.kind];
  const box = element("div", { className: "box" }, quoted(message, actions), draw && draw(message, actions));
  if (message.text) box.append(paragraph(message.text));
  box.append(foot(message));
  made.append(box);
  const buttons = message.content.buttons || [];
  if (buttons.length) {
    const group = element("div", { className: "choices", role: "group", "aria-label": "Lựa chọn" });
    group.append(...buttons.map((button, index) => choice(message, button, index, actions)));
    made.append(group);
  }
  setState(made, message.state);
  return made;
}

export function dayLine(at) {
  const text = new Date(at).toLocaleDateString("vi-VN", { weekday: "long", day: "2-digit", month: "2-digit" });
  return element("p", { className: "day", text });
}
