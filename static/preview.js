// Hands the widget what this page carries: a draft is known to nobody outside the console.
(() => {
  'use strict'
  const shown = JSON.parse(document.body.dataset.shown)
  const answer = (said, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(said), {status, headers: {'Content-Type': 'application/json'}}))

  window.fetch = (address, options = {}) => {
    if (options.method === 'POST') {
      const waits = shown.petition.confirmation === 'email'
      return answer({status: waits ? 'check_email' : 'counted', progress: shown.progress, test: true}, waits ? 202 : 201)
    }
    return answer(new URL(address, location).pathname.endsWith('/progress') ? shown.progress : shown)
  }

  // Where the thanks are looked at, somebody has just signed. The thanks would take the focus, as they do on a
  // page: not from whoever types beside them.
  if ('signed' in document.body.dataset) {
    HTMLElement.prototype.focus = () => {}
    addEventListener('support-now:ready', ({target}) => requestAnimationFrame(() => {
      const form = target.shadowRoot.querySelector('form')
      for (const field of form?.elements || []) {
        if (!field.required) continue
        if (field.type === 'checkbox') field.checked = true
        else field.value = field.options ? field.options[1].value : field.type === 'email' ? 'sam@example.org' : 'Sam'
      }
      form?.querySelector('button').click()
    }), {once: true})
  }

  // How much room the widget takes by itself at this width: nothing is held while it is measured.
  addEventListener('support-now:ready', event => {
    if (parent === window) return
    const widget = event.target, held = widget.getAttribute('height')
    widget.setAttribute('height', '0')
    // The line that says so takes room which a page's own widget does not need.
    if (!('dry' in document.body.dataset)) widget.removeAttribute('test')
    requestAnimationFrame(() => {
      const value = Math.ceil(widget.getBoundingClientRect().height)
      widget.setAttribute('height', held)
      widget.setAttribute('test', '')
      parent.postMessage({type: 'preview:measured', value}, location.origin)
    })
  }, {once: true})

  // How tall this page is with all it shows by now, an open form or the thanks: for the frame around it.
  if (parent !== window) {
    new ResizeObserver(() => {
      const value = Math.ceil(document.body.getBoundingClientRect().height)
      parent.postMessage({type: 'preview:tall', value}, location.origin)
    }).observe(document.body)
  }
})()
