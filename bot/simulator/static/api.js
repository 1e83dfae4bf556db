// The simulator's own JSON. Addresses are relative, so the page works under any prefix.

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `HTTP ${response.status}`);
  return body;
}

export async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  return answer(await fetch(`api/${path}`, options));
}

export async function upload(path, file) {
  const form = new FormData();
  form.append("file", file);
  return answer(await fetch(`api/${path}`, { method: "POST", body: form }));
}

export function act(personId, action, body = {}) {
  return call("POST", `people/${encodeURIComponent(personId)}/${action}`, body);
}
