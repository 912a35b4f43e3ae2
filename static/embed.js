// Support Now: sign a petition on any page. No build, no dependency; docs/embedding.md tells how to use it.
(() => {
  const script = document.currentScript || document.querySelector('script[src*="/embed"]'), TAG = 'support-now', VERSION = '1.0.0';

  // ---- options: attributes of the element, data-* of a script or <div>, keys of render()

  // Put one widget after a script or into any other element; asked again, only set its options.
  const render = (target, options) => {
    if (target.trim) target = document.querySelector(target);
    const beside = target.localName == 'script';
    let widget = target.localName == TAG ? target : beside ? target.nextElementSibling : target.querySelector(TAG);
    const fresh = widget?.localName != TAG;
    if (fresh) widget = document.createElement(TAG);
    for (const key in options) widget.setAttribute(key.replace(/[A-Z]/g, '-$&'), options[key]);
    if (fresh && !beside) widget.append(...target.childNodes);
    if (fresh) target[beside ? 'after' : 'append'](widget);
    return widget;
  };

  // Bring every <div data-support-now="slug"> to life.
  const scan = (root = document) => root.querySelectorAll(`[data-${TAG}]`).forEach(target => render(target, target.dataset));

  const start = () => {
    if (script?.dataset.petition) render(script, script.dataset);
    scan();
    addEventListener('DOMContentLoaded', () => scan());
  };

  if (customElements.get(TAG)) {
    console.info(`Support Now ${VERSION} is here already; the first copy stays.`);
    return start();
  }
  // Older browsers keep the plain link.
  if (!CSS.supports('color:light-dark(red,red)')) return;

  // ---- api: what goes over the wire

  const pause = time => new Promise(done => setTimeout(done, time));
  let blocked;
  addEventListener('securitypolicyviolation', event => {
    if (event.blockedURI.includes('/api/v1/petitions/')) blocked = event.effectiveDirective;
  });

  // Ask, and again only where that can help: connection lost, service busy or broken.
  const ask = async (url, options, say) => {
    for (let n = 1; ; n++) {
      let status = 0, body = {}, wait = 200 * 2 ** n * (.75 + Math.random() / 2);
      try {
        const answer = await fetch(url, {credentials: 'omit', headers: {Accept: 'application/json'}, signal: AbortSignal.timeout(1e4), ...options});
        status = answer.status;
        wait = answer.headers.get('Retry-After') * 1e3 || wait;
        body = await answer.json();
      } catch {
        if (!navigator.onLine) {
          say?.('offline');
          await new Promise(done => addEventListener('online', done, {once: true}));
          n = 0;
        }
      }
      if (n > 2 || wait > 3e4 || blocked || !/^(0|408|425|429|5..)$/.test(status)) return [status, body];
      say?.('retrying');
      await pause(wait);
    }
  };

  // Widgets of one petition in one language share the request, the figures and the clock.
  const stores = {};

  // Take in newer figures and tell whether the number moved; a late answer never turns it back.
  const learn = (store, progress) => {
    const old = store.data.progress;
    if (!(Date.parse(progress?.as_of) >= Date.parse(old.as_of))) return;
    store.data.progress = progress;
    for (const widget of store.widgets) widget.show(old);
    return progress.count != old.count;
  };

  // Look again while somebody can see it: every 10 s, more rarely when nothing happens or the service struggles.
  const poll = async store => {
    for (let rest = 1e4; store.widgets.size; ) {
      await pause(rest * (.9 + Math.random() / 5));
      if (document.hidden || ![...store.widgets].some(widget => widget.seen)) continue;
      const [status, progress] = await ask(store.url.replace(/widget.*/, 'progress'), {cache: 'no-cache'});
      rest = learn(store, progress) ? 1e4 : Math.min(rest * (status == 200 ? 1.3 : 2), 1e5);
    }
    store.polled = false;
  };

  // ---- messages: English; every other language comes with the petition

  const ENGLISH = {
    to: 'To {names}',
    supporters: {one: '{count} supporter', other: '{count} supporters'},
    goal_ladder: 'next goal {count}',
    goal_organiser: 'goal {count}',
    goal_threshold: '{count} needed',
    progress: '{count} of {goal}',
    given_name: 'First name',
    family_name: 'Last name',
    email: 'E-mail',
    country: 'Country',
    postal_code: 'Postcode',
    comment: 'Why I sign',
    show_name: 'Show my name publicly',
    updates: 'Keep me informed',
    optional: '(optional)',
    sign: 'Support now',
    started_by: 'Started by {name}',
    privacy: 'Privacy',
    sending: 'Sending…',
    retrying: 'Trying again…',
    offline: 'You are offline. Your answers are kept and sent when you are back.',
    errors: 'Please look at this again:',
    missing: 'Please fill this in.',
    mistyped: 'This is not an e-mail address.',
    not_sent: 'This could not be sent. Your answers are kept: please try again in a minute.',
    thanks: 'Thank you',
    one_of: {one: 'You are the first.', other: 'You are one of {count}.'},
    check_email: 'One more step',
    letter: 'Open the letter we have sent you and confirm. Then your signature counts.',
    closed: 'This petition is closed.',
    delivered: 'This petition has been delivered.',
    share: 'Pass it on',
    copy: 'Copy link',
    copied: 'Copied.',
    close: 'Close',
    test: 'Test: nothing is stored.',
    open: 'Open the petition',
    not_found: 'This petition was not found.',
    not_allowed: 'This petition may not be shown here.',
    blocked: 'This page does not let the petition load.',
    unreachable: 'The petition cannot be reached at the moment.',
  };
  const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

  // ---- view: the sheet, and what is built of elements

  const STYLE = `
:host(:not([hidden])){display:block}
*{box-sizing:border-box;margin:0}
.box{all:initial;box-sizing:border-box;display:block;font-size:16px;line-height:20px;overflow-wrap:anywhere;--a:var(--sn-accent,light-dark(#b23a1e,#ff8f6b));--e:var(--sn-error,light-dark(#a4161a,#ff9d8a));--r:var(--sn-radius,10px);--g:var(--sn-gap,8px)}
.box,dialog{color:var(--sn-color,inherit);background:var(--sn-background);font-family:var(--sn-font,inherit)}
.own,dialog{color:var(--sn-color,light-dark(#1d1a17,#f3ede4));background:var(--sn-background,light-dark(#faf7f2,#1b1816))}
.card{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,288px),1fr));gap:var(--g) 24px;max-inline-size:var(--sn-max-width,720px);padding:var(--sn-padding,15px);border:1px solid color-mix(in srgb,currentColor 22%,#0000);border-radius:var(--r)}
.cause,.body{display:flex;flex-direction:column;min-inline-size:0}
.meter,form,.checkbox,[part=share],.bar,.button{display:flex;flex-wrap:wrap;align-items:center;gap:var(--g)}
small{font-size:13px}
a{color:inherit}
:focus-visible{outline:3px solid var(--sn-focus,currentColor);outline-offset:2px}
[tabindex]{outline:0}
[part=heading]{font-size:20px;line-height:24px;text-wrap:balance}
[part=heading] a:not(:hover){text-decoration:none}
.more{flex:1 1 0;min-block-size:0;columns:1;column-fill:auto;overflow:hidden}
.meter{align-items:baseline;justify-content:space-between;gap:4px 12px;margin-block:8px 4px;font-variant-numeric:tabular-nums}
b{font-size:28px;line-height:32px}
progress{appearance:none;flex:100%;block-size:10px;border:0;border-inline-end:2px solid;border-radius:5px;background:color-mix(in srgb,currentColor 14%,#0000);overflow:hidden}
::-webkit-progress-bar{background:none}
::-webkit-progress-value{background:var(--a);transition:inline-size .6s ease-out}
::-moz-progress-bar{background:var(--a)}
form{flex:.5 0 auto;align-content:space-between}
.body>small{margin-block-start:auto}
form>div{position:relative;flex:1 1 max(120px,40%)}
label{position:absolute;inset:4px 12px auto;font-size:12px;line-height:16px;pointer-events:none}
[part=input]{inline-size:100%;block-size:44px;padding:18px 11px 2px;border:1px solid var(--sn-border,color-mix(in srgb,currentColor 58%,#0000));border-radius:calc(var(--r)*.8);font:inherit;color:inherit;background:light-dark(#fff6,#0003)}
select{text-indent:-4px}
textarea{min-block-size:96px}
.checkbox{flex-direction:row-reverse;min-block-size:44px}
.checkbox label{position:static;flex:1;font-size:13px}
[part=checkbox]{inline-size:20px;block-size:20px;accent-color:var(--a)}
[aria-invalid=true]{outline:2px solid var(--e)}
label~p,[part=errors]{color:var(--e);font-size:13px}
form>[part],.email,.textarea{flex:100%}
[part=errors]:empty,[role=status]:empty,[role=status]:not(:empty)+small,.bar .cause>:not(.meter),.card>.open,.button progress,.button [part=goal]{display:none}
li{list-style:none}
button{min-block-size:48px;padding:0 20px;border:1px solid transparent;border-radius:calc(var(--r)*.8);font:inherit;font-weight:600;color:var(--sn-accent-text,light-dark(#fff,#1b1816));background:var(--a);cursor:pointer}
[aria-disabled=true]{opacity:.6}
[part=thanks]{margin-block:auto}
.big{font-size:24px;line-height:32px}
[part=share]>*{min-block-size:44px;padding:12px 0;font:inherit;color:inherit;background:none;text-decoration:underline}
.bar .cause{flex:1 1 240px}
.bar .body{flex:100%}
dialog{margin:auto;padding:0;border:0;border-radius:var(--r)}
dialog::backdrop{background:#0006}
@media(prefers-reduced-motion){::-webkit-progress-value{transition:none}}
@media(forced-colors:active){progress{appearance:auto}}`;

  const sheets = new WeakMap();
  // A constructed sheet belongs to one document and serves all widgets there.
  const sheet = page => {
    const made = sheets.get(page) || new page.defaultView.CSSStyleSheet();
    if (!sheets.has(page)) made.replaceSync(STYLE);
    sheets.set(page, made);
    return [made];
  };

  // An element with its properties and children; what is empty is left out.
  const h = (tag, props, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children.flat(9).filter(child => child));
    return node;
  };
  const bdi = text => h('bdi', {}, text);
  const link = (href, text, onclick) => h('a', {part: 'link', href, target: '_blank', onclick}, text);

  // ---- element

  const mount = host => {
    const root = host.attachShadow({mode: 'open'}), option = name => host.getAttribute(name), has = name => host.hasAttribute(name);
    let state = 'open', store, fault, busy, typed, opened, rank, box, form, errors, status, count, goal, bar, resolve;

    const address = path => new URL(path, option('server')?.replace(/\/?$/, '/') || script?.src || location).href;
    const where = () => address(`api/v1/petitions/${option('petition') || option(TAG)}/widget?lang=${host.closest('[lang]')?.lang || navigator.language}`);
    const emit = (type, detail, cancelable) => host.dispatchEvent(new CustomEvent(`${TAG}:${type}`, {bubbles: true, composed: true, cancelable, detail}));

    // A message as strings and nodes: its plural chosen, its {places} filled.
    const t = (key, values = {}) => {
      const {messages, lang} = store.data;
      let text = messages[key] || ENGLISH[key];
      if (text.other) text = text[new Intl.PluralRules(lang).select(values.count)] || text.other;
      return text.split(/[{}]/).map((piece, i) => i % 2 ? values[piece].toFixed ? new Intl.NumberFormat(lang + '-u-nu-latn').format(values[piece]) : values[piece] : piece);
    };

    // Fetch the petition once it is wanted, and show it; an answer that comes too late is ignored.
    const load = async click => {
      const url = where(), loading = option('loading');
      if (!(store || click || loading == 'eager' || host.seen && loading != 'click') || store?.url == url && stores[url]) return;
      const next = stores[url] ||= {url, widgets: new Set(), answer: ask(url)}, [code, data] = await next.answer;
      if (next == store || url != where() || !host.isConnected) return;
      if (!data.petition) {
        delete stores[url];
        return fail('load', code, data);
      }
      const {petition, progress: {count, goal}} = next.data ||= data;
      if (petition.status != 'open') state = petition.status;
      else if (store?.data.petition.slug != petition.slug) state = 'open';
      store?.widgets.delete(host);
      store = next;
      update();
      resolve();
      emit('ready', {count, goal});
    };

    // Tell the page's script and, with the cure, the webmaster; the visitor reads it in the widget.
    const fail = (phase, code, answer) => {
      fault = !code && blocked ? 'blocked' : {403: 'not_allowed', 404: 'not_found', 410: 'closed'}[code] || 'unreachable';
      console.error('Support Now:', ENGLISH[fault], phase, code, where(), blocked ? `Add ${blocked} ${new URL(where()).origin} to the Content-Security-Policy.` : '');
      emit('error', {phase, status: code, code: answer.code || fault});
      if (!store) draw();
    };

    // Build all of it for the present state; what was typed is kept.
    const draw = () => {
      const theme = option('theme') || 'inherit', own = theme != 'inherit', layout = option('layout') || 'card';
      const held = layout != 'card' ? 0 : state == 'open' ? 446 : box.offsetHeight;
      if (form) typed = new FormData(form);
      if (store) {
        const {petition, form: fields, lang, dir} = store.data, after = {thanks: 'one_of', check_email: 'letter'}[state];
        const meter = h('div', {className: 'meter'}, count = h('span', {part: 'count'}), goal = h('span', {part: 'goal'}), bar = h('progress', {part: 'progress'}));
        const cause = h('div', {className: 'cause'},
          petition.addressed_to?.[0] && h('small', {part: 'text'}, t('to', {names: bdi(new Intl.ListFormat(lang).format(petition.addressed_to))})),
          h('h' + (option('heading-level') || 2), {part: 'heading'}, link(petition.url, bdi(petition.title))),
          h('p', {part: 'text', className: 'more'}, bdi(petition.summary)),
          layout != 'button' && meter);
        form = state == 'open' && h('form', {part: 'form', noValidate: true, onsubmit: sign, oninput: ({target}) => target.validity.valid && mark(target), ariaLabel: document.querySelector(TAG) == host ? petition.title : null},
          errors = h('div', {part: 'errors', tabIndex: -1}),
          fields.map(field => control(field, lang)),
          h('button', {part: 'button', ariaDisabled: !!busy, onclick: sign}, t('sign')));
        const body = h('div', {className: 'body'},
          has('test') && h('p', {part: 'text'}, t('test')),
          form || h('div', {part: 'thanks', tabIndex: -1}, h('p', {className: 'big'}, t(state)), after && [h('p', {}, t(after, {count: rank})), !has('no-share') && share()]),
          status = h('p', {role: 'status'}),
          h('small', {}, petition.started_by && [t('started_by', {name: bdi(petition.started_by)}), ' · '], link(petition.url + '#privacy', t('privacy'))));
        const open = () => {
          opened = !opened;
          draw();
          (opened && form ? form.elements[0] : root.querySelector('.open')).focus();
        };
        const opener = h('button', {type: 'button', part: 'button', className: 'open', ariaExpanded: !!opened, onclick: open}, t('sign'));
        const dialog = h('dialog', {ariaLabel: petition.title, onclose: open}, h('div', {className: 'card'}, h('button', {type: 'button', part: 'link', onclick: () => dialog.close()}, t('close')), cause, body));
        box = h('div', {lang, dir}, layout == 'button' ? [opener, meter, dialog] : [cause, opener, (layout == 'card' || opened) && body]);
        host.show();
      } else box = h('div', {onclick: event => {
        if (option('loading') != 'click' || fault || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        load(event);
      }}, fault && h('p', {part: 'errors', lang: 'en', dir: 'ltr', role: 'alert'}, ENGLISH[fault]), h('slot', {}, h('a', {href: address('p/' + option('petition'))}, ENGLISH.open)));
      const [r, g, b] = getComputedStyle(host).color.match(/[\d.]+/g);
      Object.assign(box, {part: 'container', className: store ? `box ${layout} ${own ? 'own' : ''}` : ''});
      Object.assign(box.style, {minBlockSize: (option('height') ?? held) + 'px', colorScheme: theme == 'auto' ? 'light dark' : own ? theme : r * 3 + g * 6 + +b > 1400 ? 'dark' : 'light'});
      root.replaceChildren(box);
      if (opened) root.querySelector('dialog')?.showModal();
    };

    // The countries by name, in the order of the language; what is no country of ISO 3166 is left out.
    const countries = lang => {
      const names = new Intl.DisplayNames(lang, {type: 'region', fallback: 'none'});
      return LETTERS.flatMap(first => LETTERS.map(second => first + second))
        .filter(code => names.of(code) && new Intl.Locale('und-' + code).region == code && !/AC|C[PQ]|DG|E[AUZ]|IC|QO|TA|UN|X.|ZZ/.test(code))
        .sort((one, other) => names.of(one).localeCompare(names.of(other), lang))
        .map(value => h('option', {value}, names.of(value)));
    };

    // A field with its label and a place for its error.
    const control = ({name, type, required, autocomplete = '', maxlength = 9999, label}, lang) => {
      const ticked = type == 'checkbox', other = {country: 'select', textarea: type}[type], id = name + '-error';
      const field = h(other || 'input', {id: name, name, required, autocomplete, maxLength: maxlength, part: ticked ? type : 'input', ...!other && {type}}, other == 'select' && [h('option'), countries(lang)]);
      field.setAttribute('aria-describedby', id);
      if (ticked) field.value = true;
      if (typed) ticked ? field.checked = typed.has(name) : field.value = typed.get(name);
      return h('div', {className: type}, h('label', {htmlFor: name, part: 'label'}, label || t(name), !required && !ticked && [' ', t('optional')]), field, h('p', {id}));
    };

    const mark = (field, words = []) => {
      field.ariaInvalid = !!words[0];
      field.nextSibling.replaceChildren(...words);
    };

    // Errors found here and errors told by the service look alike; their list takes the focus. None clears it.
    const complain = (wrong, sentence) => {
      const names = Object.keys(wrong), fields = form.elements;
      for (const field of fields) if (field.id) mark(field, wrong[field.id]);
      errors.replaceChildren(...sentence ? t(sentence) : [], ...names.map(name => h('li', {}, fields[name] ? [h('a', {href: '#', onclick: event => {
        event.preventDefault();
        fields[name].focus();
      }}, fields[name].labels[0].textContent), ': '] : '', wrong[name])));
      if (names[0]) emit('invalid', {fields: names});
      if (sentence) errors.focus();
    };

    // What all of this is for.
    const sign = async event => {
      event.preventDefault();
      if (busy) return;
      const wrong = {}, mine = store, {petition, sign_url, lang} = store.data, source = option('source');
      for (const field of form.elements) {
        field.value = field.value.trim();
        const {valid, valueMissing, typeMismatch} = field.validity;
        if (!valid) wrong[field.id] = valueMissing ? t('missing') : typeMismatch ? t('mistyped') : [field.validationMessage];
      }
      for (const any in wrong) return complain(wrong, 'errors');
      if (!emit('submit', {}, true)) return;
      complain({});
      const body = new URLSearchParams({...Object.fromEntries(new FormData(form)), lang, page_url: location.origin + location.pathname, text_version: petition.text_version, ...source && {source}, ...has('test') && {test: 1}});
      const say = key => status.replaceChildren(...t(key));
      busy = form.lastChild.ariaDisabled = true;
      say('sending');
      const [code, answer] = await ask(sign_url, {method: 'POST', body, keepalive: true}, say), {progress} = answer;
      busy = false;
      if (mine != store) return;
      rank = progress?.count;
      state = {201: 'thanks', 202: 'check_email', 410: 'closed'}[code] || state;
      draw();
      root.querySelector('[part=thanks]')?.focus({preventScroll: true});
      learn(store, progress);
      if (progress) emit('signed', {count: rank, goal: progress.goal, pending: code == 202});
      else if (answer.errors) complain(answer.errors, 'errors');
      else {
        fail('sign', code, answer);
        if (form) complain({}, fault == 'unreachable' ? 'not_sent' : fault);
      }
    };

    // Pass it on: the device's own way, else plain links that keep the source.
    const share = () => {
      const {title, url} = store.data.petition, source = option('source'), target = url + (source ? '?source=' + encodeURIComponent(source) : ''), [what, to] = [title, target].map(encodeURIComponent);
      const button = (via, act) => h('button', {type: 'button', part: 'link', onclick: () => act().then(() => emit('shared', {via}), () => {})}, t(via));
      return h('div', {part: 'share'}, navigator.share ? button('share', () => navigator.share({title, url: target})) : [
        navigator.clipboard && button('copy', () => navigator.clipboard.writeText(target).then(() => status.replaceChildren(...t('copied')))),
        Object.entries({
          email: `mailto:?subject=${what}&body=${to}`,
          WhatsApp: `https://wa.me/?text=${what}%20${to}`,
          Telegram: `https://t.me/share/url?url=${to}&text=${what}`,
          Facebook: `https://www.facebook.com/sharer/sharer.php?u=${to}`,
          X: `https://x.com/intent/post?url=${to}&text=${what}`,
          Bluesky: `https://bsky.app/intent/compose?text=${what}%20${to}`,
        }).map(([via, href]) => link(href, via == 'email' ? t(via) : via, () => emit('shared', {via})))]);
    };

    // The page's hotkeys must not hear what is typed here.
    for (const type of ['keydown', 'keypress', 'keyup']) root.addEventListener(type, event => /Escape|Tab/.test(event.key) || event.stopPropagation());

    const watch = new IntersectionObserver(entries => {
      host.seen = entries.pop().isIntersecting;
      load();
    }, {rootMargin: '600px'});

    // Connected, moved, or an option changed.
    const update = () => {
      root.adoptedStyleSheets = sheet(host.ownerDocument);
      draw();
      watch.observe(host);
      if (store) {
        store.widgets.add(host);
        store.polled ||= poll(store);
      }
      load();
    };

    return {
      update,
      ready: new Promise(done => resolve = done),
      refresh() {
        delete stores[where()];
        return load(true);
      },
      reset() {
        state = 'open';
        form = typed = null;
        draw();
      },
      leave() {
        watch.disconnect();
        host.seen = store?.widgets.delete(host) && false;
      },
      // Put new figures in their places; the bar glides there.
      show(old) {
        const {progress} = store.data, {goal: aim} = progress;
        count.replaceChildren(...t('supporters', progress).map((piece, i) => i % 2 ? h('b', {}, piece) : piece));
        goal.replaceChildren(...aim ? t('goal_' + progress.goal_kind, {count: aim}) : []);
        Object.assign(bar, {hidden: !aim, max: aim || 1, value: progress.count, ariaLabel: count.textContent, ariaValueText: aim && t('progress', progress).join('')});
        if (old?.count < old?.goal && progress.count >= old.goal) emit('goal', {goal: old.goal});
      },
    };
  };

  customElements.define(TAG, class extends HTMLElement {
    static observedAttributes = ['petition', 'lang', 'theme', 'layout', 'height', 'heading-level', 'loading', 'source', 'no-share', 'test'];
    constructor() {
      super();
      Object.assign(this, mount(this));
    }
    connectedCallback() { this.update() }
    attributeChangedCallback() { if (this.isConnected) this.update() }
    disconnectedCallback() { this.leave() }
  });

  // ---- boot

  const api = window.SupportNow ||= {}, run = ([name, ...values]) => api[name](...values), early = api.q || [];
  Object.assign(api, {version: VERSION, render, scan, on: (type, listener) => addEventListener(`${TAG}:${type}`, listener), q: {push: run}});
  early.forEach(run);
  start();
})();
