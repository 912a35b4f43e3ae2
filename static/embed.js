// Support Now: sign a petition on any page. No build, no dependency; docs/embedding.md tells how to use it.
(() => {
  // An <img name="currentScript"> in a comment must not pass for this script: answers go where it came from.
  const own = document.currentScript, TAG = 'support-now';
  const script = own instanceof HTMLScriptElement ? own : [...document.querySelectorAll('script')].find(node => /\/embed(-[\d.]+)?\.js(\?|$)/.test(node.src));
  const home = script?.src || location.href;

  // Give a node its children; what is empty is left out.
  const fill = (node, ...children) => {
    node.replaceChildren(...children.flat(9).filter(node => node));
    return node;
  };
  // An element with its properties and children.
  const h = (tag, props, ...children) => fill(Object.assign(document.createElement(tag), props), children);

  // ---- options: attributes of the element, data-* of a script or <div>, keys of render()

  // Make a widget of the target or in it, once; asked again, only set its options.
  const render = (target, options) => {
    if (target.trim) target = document.querySelector(target);
    const node = target.localName == TAG ? target : target.querySelector(TAG), widget = node || h(TAG, {}, ...target.childNodes);
    for (const key of Object.keys(options || {})) widget.setAttribute(key.replace(/[A-Z]/g, '-$&'), options[key]);
    if (!node) target.append(widget);
    return widget;
  };

  // Bring every <div data-support-now="slug"> to life. Visitors may write such a <div>: it names no server.
  const scan = (root = document) => root.querySelectorAll(`[data-${TAG}]`).forEach(target => {
    const {server, ...options} = target.dataset;
    render(target, options);
  });

  const start = () => {
    if (script?.dataset.petition) {
      if (script.nextSibling?.localName != TAG) script.after(h(TAG));
      render(script.nextSibling, script.dataset);
    }
    scan();
    addEventListener('DOMContentLoaded', () => scan());
  };

  if (customElements.get(TAG)) {
    return start(console.info('Support Now: loaded twice'));
  }

  // ---- api: what goes over the wire

  // Never all at once: up to a quarter longer than asked.
  const pause = wait => new Promise(done => setTimeout(done, wait * (1 + Math.random() / 4)));
  let blocked;
  addEventListener('securitypolicyviolation', event => {
    if (event.blockedURI.includes('/api/v1/petitions/')) blocked = event.effectiveDirective;
  });

  // Ask, and again only where that can help: connection lost, service busy or broken.
  const ask = async (url, options, say = () => {}) => {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(url, {headers: {Accept: 'application/json'}, credentials: 'omit', signal: AbortSignal.timeout(1e4), ...options}).catch(() => {});
      const status = answer?.status || 0, body = await answer?.json().catch(() => {}) || {}, wait = answer?.headers.get('Retry-After') * 1e3 || 200 * 2 ** tries;
      if (!status && !navigator.onLine) {
        say('offline');
        await new Promise(done => addEventListener('online', done, {once: true}));
        tries = 0;
      } else if (tries > 2 || wait > 3e4 || blocked || !/^(0|408|425|429|5)/.test(status)) return [status, body];
      say('retry');
      await pause(wait);
    }
  };

  // Work off a challenge (docs/api.md): count up until the derived key begins as asked. The browser derives beside
  // the page's own thread, one key at a time, so the page stays awake. Nothing, where it cannot or nobody waits.
  const prove = async (challenge, wanted) => {
    const {nonce, salt, cost, keyLength, keyPrefix} = challenge.parameters, {subtle} = crypto;
    const bytes = hex => hex.match(/../g).map(pair => '0x' + pair);
    for (let counter = 0; subtle && wanted(); counter++) {
      const password = Uint8Array.of(...bytes(nonce), counter >> 24, counter >> 16, counter >> 8, counter);
      const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
      const bits = await subtle.deriveBits({name: 'PBKDF2', hash: 'SHA-256', salt: Uint8Array.of(...bytes(salt)), iterations: cost}, key, keyLength * 8);
      const derivedKey = [...new Uint8Array(bits)].map(byte => (byte + 256).toString(16).slice(1)).join('');
      if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({challenge, solution: {counter, derivedKey}}));
    }
  };

  // Widgets of one petition in one language share the request, the figures and the clock.
  const stores = {};

  // Take in newer figures and tell whether the number moved; a late answer never turns it back.
  const learn = (store, progress) => {
    const old = store.progress;
    if (progress?.as_of >= old.as_of) {
      store.progress = progress;
      store.widgets.forEach(host => host.show(old));
      return progress.count != old.count;
    }
  };

  // Look again while somebody can see it: every 10 s, more rarely when nothing happens or the service struggles.
  const poll = async store => {
    for (let wait = 1e4; store.widgets.size; ) {
      await pause(wait);
      if (document.hidden || ![...store.widgets].some(host => host.seen)) continue;
      const [status, progress] = await ask(store.url.replace(/widget.*/, 'progress'), {cache: 'no-cache'});
      wait = learn(store, progress) ? 1e4 : Math.min(wait * (status == 200 ? 1.3 : 2), 1e5);
    }
    store.polled = false;
  };

  // ---- view: the sheet, and what is built of elements

  const STYLE = `
:host{display:block}
*{margin:0;box-sizing:border-box}
.box{all:initial;box-sizing:border-box;display:block;font-size:16px;line-height:20px;overflow-wrap:anywhere;--a:var(--sn-accent,light-dark(#b23a1e,#ff8f6b));--e:var(--sn-error,light-dark(#a4161a,#ff9d8a))}
dialog,.box{color:var(--sn-color,inherit);font-family:var(--sn-font,inherit);background:var(--sn-background)}
[part=checkbox]{width:20px;height:20px;accent-color:var(--a)}
.own,dialog{color:var(--sn-color,light-dark(#1d1a17,#f3ede4));background:var(--sn-background,light-dark(#faf7f2,#1b1816))}
.body>small{margin-top:auto}
.card{display:grid;grid-template:auto/repeat(auto-fit,minmax(min(100%,288px),1fr));grid-auto-rows:1fr;gap:var(--sn-gap,8px) 32px;padding:var(--sn-padding,clamp(11px,3%,23px) clamp(15px,4%,23px));max-width:var(--sn-max-width,720px)}
.box.card,dialog{border-radius:var(--sn-radius,10px);border:1px solid color-mix(in srgb,currentColor 14%,#0000)}
[part=heading] a:not(:hover){text-decoration:none}
[part=thanks]{justify-content:center;border-block:1px solid color-mix(in srgb,currentColor 14%,#0000);flex:1 0 auto}
slot,[part=heading],b{font-size:20px;line-height:24px;font-weight:700}
.body>[part=text]{border-radius:var(--sn-radius,10px);padding:4px 11px;border:1px dashed}
label~p,[part=errors]{color:var(--e);flex:100%}
.body,.cause,.more,[part=thanks]{display:flex;flex-direction:column;min-width:0}
.cause,.more{gap:4px}
.body{gap:8px}
.meter,form,.checkbox,[part=share],.bar,.button{display:flex;flex-wrap:wrap;gap:var(--sn-gap,8px);align-items:center}
[part=errors]:empty,label~p:empty,[role=status]:not(:empty)+small,.bar .cause>:not(.meter),.button progress,.button [part=goal]{display:none}
.more{flex:1 1 0;flex-wrap:wrap;min-height:0;overflow:hidden}
::-webkit-progress-bar{background:none}
.meter{justify-content:space-between;align-items:baseline;gap:4px 12px;margin-top:4px;font-variant-numeric:tabular-nums}
form>[part],.email,.textarea,.bar .body,form>:has([name^=own]){flex:100%}
::-moz-progress-bar{background:var(--a)}
progress{appearance:none;flex:100%;height:10px;border-radius:5px;background:color-mix(in srgb,currentColor 14%,#0000);overflow:hidden}
::-webkit-progress-value{transition:width .6s ease-out;background:var(--a)}
form>div{flex:1 1 max(120px,40%);position:relative}
label{flex:1}
form{align-content:space-between;flex:.3 0 auto}
.bar>button{flex:1 0 auto}
.more:before{content:'';padding:4px 50%}
:not(:has([name^=own]),.checkbox)>label{position:absolute;inset:4px 4px auto;padding-inline-start:8px;pointer-events:none;font-size:12px;line-height:16px;overflow:hidden;white-space:nowrap}
a{color:inherit}
[part=input]{width:100%;height:44px;color:inherit;padding:18px 11px 2px;border-radius:var(--sn-radius,10px);font:inherit;border:1px solid var(--sn-border,color-mix(in srgb,currentColor 58%,#0000));background:none}
.checkbox{min-height:44px;flex-direction:row-reverse}
.more bdi{width:100%}
[aria-invalid=true]{outline:2px solid var(--e)}
[name^=own]{padding:8px 11px}
[part=share],[role=status],[part=goal],label,small,label~p,[part=errors]{font-size:13px;line-height:16px}
[aria-disabled=true]{filter:grayscale(1)}
dialog>[part]{width:100%}
textarea{min-height:96px}
button{border:1px solid transparent;min-height:44px;padding:0 20px;background:var(--a);font:inherit;font-weight:600;color:var(--sn-accent-text,light-dark(#fff,#1b1816));border-radius:var(--sn-radius,10px)}
.quiet{background:none;color:inherit;border-color:var(--a)}
[part=thanks] [part=link],dialog>[part]{padding:14px 0;border:0;font:inherit;background:none;color:inherit;text-decoration:underline}
.bar .cause{flex:9 1 240px}
dialog{padding:0;max-width:calc(100% - 16px);margin:auto}
[part=share]{gap:0 11px}
[role=status]:empty{position:absolute}
:focus-visible{outline:3px solid var(--sn-focus,currentColor);outline-offset:2px}
.meter b{font-size:28px;line-height:32px}
ul{padding:0;list-style:none}
@media(prefers-reduced-motion){::-webkit-progress-value{transition:none}}
@media(forced-colors:active){progress{appearance:auto}}`;

  const sheets = new WeakMap();
  // A constructed sheet belongs to one document and serves all widgets there.
  const sheet = page => {
    const node = sheets.get(page) || new page.defaultView.CSSStyleSheet();
    sheets.has(page) || node.replaceSync(STYLE);
    sheets.set(page, node);
    return [node];
  };

  const lists = {};

  // What there is to choose from, made once a page: words as they are, or countries by name, in the order of the language.
  const choices = (options, lang) => {
    const key = lang + options, names = new Intl.DisplayNames(lang, {type: 'region'});
    lists[key] ||= fill(new DocumentFragment(), h('option'), options.map?.(words => h('option', {}, words)) || options.match(/../g)
      .map(value => h('option', {value}, names.of(value)))
      .sort((a, b) => a.text.localeCompare(b.text, lang)));
    return lists[key].cloneNode(1);
  };

  const bdi = text => h('bdi', {}, text);
  const link = (href, text, id = '', target = '_blank') => h('a', {part: 'link', id, href, target}, text);

  // ---- element

  const mount = host => {
    const root = host.attachShadow({mode: 'open'}), option = name => host.getAttribute(name);
    // Whatever goes wrong from here on, the link inside stays to be seen.
    root.append(h('slot'));
    let rank = 0, state, store, fault, busy, since, shown, box, form, errors, status, count, goal, bar, resolve;

    const address = path => new URL(path, option('server') || home).href;
    const where = () => address(`api/v1/petitions/${option('petition') || option(TAG)}/widget?lang=${host.closest('[lang]')?.lang || navigator.language}`);
    const emit = (type, detail) => host.dispatchEvent(new CustomEvent(`${TAG}:${type}`, {bubbles: true, composed: true, cancelable: true, detail}));

    // A message as strings and nodes, its plural chosen, its {places} filled. The English text is the key;
    // every other language comes with the petition, and in each what is said now and then, by a short name.
    const t = (key, values = {}) => {
      const {messages, lang} = store;
      let text = messages[key] || key;
      if (text.other) text = text[new Intl.PluralRules(lang).select(values.count)] || text.other;
      return text.split(/[{}]/).map((piece, i) => i % 2 ? values[piece].toFixed ? new Intl.NumberFormat(lang + '-u-nu-latn').format(values[piece]) : values[piece] : piece);
    };

    // Fetch the petition and show it; an answer that comes too late is ignored.
    const load = async () => {
      const url = where(), next = stores[url] ||= {url, answer: ask(url), widgets: new Set()}, [code, data] = await next.answer;
      if (next == store || url != where() || !host.isConnected) return;
      if (!data.petition) {
        delete stores[url];
        return fail('load', code, data);
      }
      next.lang || Object.assign(next, data);
      const {petition, progress: {count, goal}} = next;
      if (petition.status != 'open' || petition.slug != store?.petition.slug) state = petition.status != 'open' && petition.status;
      store?.widgets.delete(host);
      store = next;
      since ||= Date.now();
      update();
      resolve();
      emit('ready', {count, goal});
    };

    // Tell the page's script and, with the cure, the webmaster; the visitor reads it in the widget.
    const fail = (phase, code, answer) => {
      const cure = !code && blocked;
      fault = cure ? 'This page does not let the petition load.' : {403: 'This petition may not be shown here.', 404: 'This petition was not found.', 428: 'elsewhere'}[code] || 'The petition cannot be reached at the moment.';
      console.error('Support Now:', fault, code, where(), cure && `Content-Security-Policy: ${blocked} ${new URL(where()).origin}`);
      emit('error', {phase, status: code, code: answer.code || cure && 'blocked' || 'unreachable'});
      store || draw();
    };

    // Build all of it for the present state; what was typed is kept.
    const draw = () => {
      const theme = option('theme') || 'inherit', own = theme != 'inherit', layout = option('layout') || 'card', card = layout == 'card', held = rank && box.offsetHeight, typed = form?.elements;
      box = h('div', {part: 'container', lang: store?.lang || 'en', dir: store?.dir || ''});
      box.className = `box ${(card || store) && layout} ${own && 'own'}`;
      box.style.colorScheme = theme == 'auto' ? 'light dark' : own ? theme : getComputedStyle(host).color.split(',')[1] > 140 ? 'dark' : 'light';
      if (store) {
        const {petition, form: fields, lang} = store;
        // The petition's own words may be of another language than ours, and run the other way.
        const foreign = {lang: petition.lang, dir: petition.dir};
        const meter = h('div', {className: 'meter'}, count = h('span', {part: 'count'}), goal = h('span', {part: 'goal'}), bar = h('progress', {part: 'progress'}));
        const cause = h('div', {className: 'cause'},
          petition.addressed_to?.[0] && h('small', {part: 'text'}, t('to', {names: bdi(new Intl.ListFormat(lang).format(petition.addressed_to))})),
          h('h' + (option('heading-level') || 2), {part: 'heading', ...foreign}, link(petition.url, petition.title)),
          layout != 'button' && meter,
          h('p', {part: 'text', className: 'more', ...foreign}, bdi(petition.summary)));
        form = !state && h('form', {part: 'form', noValidate: true, onsubmit: sign, oninput: clear, ariaLabel: document.querySelector(TAG) == host ? petition.title : null},
          errors = h('div', {part: 'errors', tabIndex: -1}),
          fields.map(control),
          // Only a robot fills this in.
          h('input', {name: 'website', autocomplete: 'off', hidden: true, tabIndex: -1}),
          h('button', {part: 'button', onclick: sign}, t('Support now')));
        if (typed) for (const {id, value, checked} of typed) if (id && form?.[id]) Object.assign(form[id], {value, checked});
        const body = h('div', {className: 'body'},
          option('test') != null && h('p', {part: 'text'}, t('test')),
          form || h('div', {part: 'thanks', tabIndex: -1}, h('b', {}, t(state)), rank ? [
            h('p', {}, state == 'Thank you' ? t('one_of', {count: rank.count || 1}) : t('letter')),
            state == 'Thank you' && petition.thanks_url && link(petition.thanks_url, t('Continue'), '', '_top'),
            option('no-share') == null && share()] : link(petition.url, t('Read the petition'))),
          status = h('p', {role: 'status'}),
          h('small', {}, petition.started_by && [t('started_by', {name: bdi(petition.started_by)}), ' · '], link(petition.url + '#privacy', t('Privacy'))));
        const open = () => {
          shown = !shown;
          draw();
          (shown && form ? form[0] : root.querySelector('[aria-expanded]')).focus();
        };
        const opener = h('button', {part: 'button', className: (shown || !form) && 'quiet', ariaExpanded: !!shown, onclick: open}, t(form ? 'Support now' : state)), dialog = h('dialog', {ariaLabel: petition.title, onclose: open});
        fill(box, card ? [cause, body] : layout == 'bar' ? [cause, opener, shown && body] : [opener, meter, fill(dialog, h('div', {className: 'card'}, cause, body), h('button', {part: 'link', onclick: () => dialog.close()}, t('Close')))]);
        host.show();
      } else fill(box, h('div', {className: 'cause'}, fault && h('p', {role: 'alert', part: 'errors'}, fault), h('slot', {onclick: event => {
        if (option('loading') == 'click') {
          event.preventDefault();
          load();
        }
      }}, h('a', {href: address('p/' + option('petition'))}, 'Open the petition')), !fault && card && h('div', {className: 'meter', ariaHidden: true}, h('b', {}, '\xa0'), h('progress', {value: 0}))), h('div'));
      box.style.minHeight = Math.max(held, option('height') ?? (card && 446)) + 'px';
      fill(root, box);
      if (shown) root.querySelector('dialog')?.showModal();
    };

    // A field with its label and a place for its error.
    const control = ({name, type, required, autocomplete = '', maxlength = 9999, label, options, lang = store.lang}) => {
      const other = options ? 'select' : type == 'textarea' && type, ticked = type == 'checkbox', id = name + '-error';
      const field = h(other || 'input', {id: name, name, required, autocomplete, lang, pattern: '.*\\S.*', maxLength: maxlength, part: ticked ? type : 'input', ...!other && {type}}, options && choices(options, store.lang));
      field.setAttribute('aria-describedby', id);
      if (ticked) field.value = true;
      return h('div', {className: type}, h('label', {part: 'label', htmlFor: name}, h('bdi', {lang}, label || name), !required && !ticked && [' ', t('optional')]), field, h('p', {id}));
    };

    const mark = (field, words) => {
      field.ariaInvalid = !!words;
      fill(field.nextSibling, words);
    };

    // What is put right is no longer marked; nothing new is, while somebody types.
    const clear = ({target}) => target.ariaInvalid && target.validity.valid && mark(target);

    // Errors found here and errors told by the service look alike; their list takes the focus. None clears it.
    const tell = (wrong, ...texts) => {
      const fields = Object.keys(wrong);
      for (const field of form) if (field.id) mark(field, wrong[field.id]);
      fill(errors, texts.map(text => [t(text), ' ']), fields[0] && h('ul', {}, fields.map(name => h('li', {}, form[name] && [h('a', {href: '#', onclick: event => {
        event.preventDefault();
        form[name].focus();
      }}, form[name].labels[0].textContent), ': '], wrong[name]))));
      fields[0] && emit('invalid', {fields});
      texts[0] && errors.focus();
    };

    // What all of this is for.
    const sign = async event => {
      event.preventDefault();
      if (busy) return;
      const wrong = {}, next = store, {petition, sign_url, lang} = store, say = key => fill(status, t(key));
      for (const {id, validity} of form) if (!validity.valid) wrong[id] = t(validity.typeMismatch ? 'no_email' : 'missing');
      if (Object.keys(wrong)[0]) return tell(wrong, 'again');
      if (!emit('submit')) return;
      tell({});
      // A longer or shorter status line must not move the page.
      box.style.minHeight = box.offsetHeight + 'px';
      busy = form.lastChild.ariaDisabled = true;
      say('sending');
      const body = new URLSearchParams({...Object.fromEntries(new FormData(form)), lang, page_url: location.origin + location.pathname, text_version: petition.text_version, source: option('source') || '', elapsed: (Date.now() - since) / 1e3, test: option('test') != null ? 1 : ''});
      const send = () => ask(sign_url, {body, method: 'POST', keepalive: true}, say), wanted = () => next == store && host.isConnected;
      let [code, answer] = await send();
      if (answer.challenge) {
        say('checking');
        body.set('proof', await prove(answer.challenge, wanted));
        if (wanted() && crypto.subtle) [code, answer] = await send();
      }
      const {progress} = answer;
      busy = false;
      if (next != store) return;
      rank = progress;
      state = {201: 'Thank you', 202: 'step', 410: 'closed'}[code];
      draw();
      root.querySelector('[part=thanks]')?.focus({preventScroll: true});
      learn(store, progress);
      if (progress) emit('signed', {count: progress.count, goal: progress.goal, pending: code == 202});
      else if (answer.errors) tell(answer.errors, 'again');
      else {
        fail('sign', code, answer);
        if (form) {
          tell({}, fault, code == 428 ? '' : 'kept');
          errors.append(link(petition.url, petition.title));
        }
      }
    };

    // Pass it on: the device's own way, else plain links that keep the source.
    const share = () => {
      const {title, url} = store.petition, source = option('source'), target = url + (source ? '?source=' + encodeURIComponent(source) : '');
      const button = (id, text, onclick) => h('button', {part: 'link', id, onclick}, t(text));
      return h('div', {part: 'share', onclick: event => event.target.id && emit('shared', {via: event.target.id})}, navigator.share ? button('native', 'share', () => navigator.share({title, url: target})) : [
        navigator.clipboard && button('copy', 'copy', () => navigator.clipboard.writeText(target).then(() => fill(status, t('copied')))),
        store.share?.map(({via, name, href}) => link(href.replace('{url}', encodeURIComponent(target)), name, via))]);
    };

    // The page's hotkeys must not hear what is typed here.
    for (const type of ['down', 'up', 'press']) root.addEventListener('key' + type, event => /Escape|Tab/.test(event.key) || event.stopPropagation());

    const watch = new IntersectionObserver(entries => {
      host.seen = entries.pop().isIntersecting;
      if (host.seen && option('loading') != 'click') load();
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
      if (store || option('loading') == 'eager') load();
    };

    return {
      update,
      ready: new Promise(done => resolve = done),
      refresh() {
        delete stores[where()];
        return load();
      },
      reset() {
        state = form = null;
        rank = 0;
        draw();
      },
      leave() {
        watch.disconnect();
        host.seen = store?.widgets.delete(host) && false;
      },
      // Put new figures in their places; the bar glides there.
      show(old) {
        // Nobody strives for a goal any more once the petition is over.
        const {progress} = store, value = (!state || rank) && progress.goal;
        fill(count, t('supporters', progress).map((piece, i) => i % 2 ? h('b', {}, piece) : piece));
        fill(goal, value && t(progress.goal_kind, {count: value}));
        Object.assign(bar, {hidden: !value, max: value || 1, value: progress.count, ariaValueText: value && t('ratio', progress).join(''), ariaLabel: count.textContent});
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
    attributeChangedCallback() { this.isConnected && this.update() }
    disconnectedCallback() { this.leave() }
  });

  // ---- boot

  // A frame of ours (static/frame.js) is made as tall as it says, now and whenever that changes; no stranger is heard.
  const frames = each => document.querySelectorAll(`iframe[src^="${new URL('embed/', home)}"]`).forEach(each);
  addEventListener('message', ({data, origin, source}) => frames(frame => {
    if (source == frame.contentWindow && home.startsWith(origin + '/') && data.type == `${TAG}:height`) frame.height = data.value;
  }));
  frames(frame => frame.contentWindow.postMessage(`${TAG}:height`, '*'));

  const api = window.SupportNow ||= {}, run = ([name, ...values]) => api[name](...values), early = api.q || [];
  Object.assign(api, {version: '1.1.1', render, scan, on: (type, done) => addEventListener(`${TAG}:${type}`, done), q: {push: run}});
  early.forEach(run);
  start();
})();
