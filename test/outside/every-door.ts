/** What a page asks for: a door of the embedded cloud, with the headers that lead there. */
export interface Door {
  path: string;
  headers?: Record<string, string>;
}

/** One door of each kind. Requests are found by path, by header or by name, so a page must try all three. */
export const doors: readonly Door[] = [
  { path: '/_local/endpoints' },
  { path: '/_local/faults' },
  { path: '/_local/inbox' },
  { path: '/load-balancers' },
  { path: '/channels' },
  { path: '/?Action=DescribeVpcs', headers: { 'x-acs-action': 'DescribeVpcs', 'x-acs-version': '2016-04-28' } },
  { path: '/2023-03-30/functions' },
  { path: '/2023-03-30/functions/f/invocations' },
  { path: '/queues/network/messages', headers: { 'x-mns-version': '2015-06-06' } },
  { path: '/bucket/code.zip?OSSAccessKeyId=LTAI5tLocalRoot' },
  { path: '/ListTable', headers: { 'x-ots-apiversion': '2015-12-31' } },
  { path: '/robot/send?access_token=local-robot' },
];

/** Ways in which a page reaches another origin, with a body or without; each is a function of `url` and `headers`. */
const ways = `{
  get: (url) => fetch(url, { mode: 'no-cors' }),
  read: (url, headers) => fetch(url, { headers }).then((answer) => answer.text()).then((text) => { document.title = 'read ' + text; }),
  withCookies: (url) => fetch(url, { mode: 'no-cors', credentials: 'include' }),
  text: (url) => fetch(url, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{}' }),
  untyped: (url) => fetch(url, { method: 'POST', mode: 'no-cors', body: new Uint8Array([123, 125]) }),
  json: (url, headers) => fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' }),
  put: (url, headers) => fetch(url, { method: 'PUT', headers, body: '{}' }),
  remove: (url, headers) => fetch(url, { method: 'DELETE', headers }),
  beacon: async (url) => { navigator.sendBeacon(url, '{}'); },
  image: (url) => loads('img', { src: url }),
  script: (url) => loads('script', { src: url }),
  style: (url) => loads('link', { rel: 'stylesheet', href: url }),
  frame: (url) => loads('iframe', { src: url }),
  sandbox: (url) => loads('iframe', { sandbox: 'allow-scripts', srcdoc: '<script>fetch("' + url + '", { method: "POST", mode: "no-cors", body: "{}" })</' + 'script>' }),
  textForm: (url) => submits(url, 'text/plain'),
  form: (url) => submits(url, 'application/x-www-form-urlencoded'),
  multipartForm: (url) => submits(url, 'multipart/form-data'),
  socket: (url) => new Promise((done) => { const socket = new WebSocket(url.replace('http', 'ws')); socket.onclose = socket.onerror = done; }),
  events: (url) => new Promise((done) => { const events = new EventSource(url); events.onerror = () => { events.close(); done(); }; }),
}`;

/** How many requests the page of `pageFor` makes. */
export const tries = doors.length * (ways.match(/^ {2}\w+: /gm)?.length ?? 0);

/** Returns a page that tries each door in each way, and says at its end how many requests it made. */
export const pageFor = (cloud: string): string => `<!doctype html><title>page</title><body><script>
const loads = (name, about) => new Promise((done) => {
  const element = Object.assign(document.createElement(name), about);
  if (about.sandbox) element.setAttribute('sandbox', about.sandbox);
  element.onload = element.onerror = done;
  document.body.append(element);
});
const submits = async (url, enctype) => {
  const frame = Object.assign(document.createElement('iframe'), { name: 'frame' + document.querySelectorAll('iframe').length });
  document.body.append(frame);
  const form = Object.assign(document.createElement('form'), { method: 'post', action: url, target: frame.name, enctype });
  form.append(Object.assign(document.createElement('input'), { name: '{"name":"page","x":"', value: '"}' }));
  document.body.append(form);
  await new Promise((done) => { frame.onload = done; form.submit(); });
};
const ways = ${ways};
(async () => {
  let tried = 0;
  for (const { path, headers } of ${JSON.stringify(doors)})
    for (const way of Object.values(ways)) {
      await Promise.race([way('${cloud}' + path, headers ?? {}), new Promise((done) => setTimeout(done, 2000))]).catch(() => undefined);
      tried += 1;
    }
  for (const element of document.querySelectorAll('iframe, form, img, link')) element.remove();
  document.body.append('tried ' + tried);
})();
</script>`;
