/* What a little script adds to the console. Every page works without it. */
(() => {
  'use strict'

  // A link to hand over is chosen whole with one press.
  for (const field of document.querySelectorAll('.copied')) {
    field.addEventListener('focus', () => field.select())
  }

  // One press copies; without a script, or where the browser refuses, the text is there to be chosen.
  for (const button of document.querySelectorAll('[data-copies]')) {
    const field = document.getElementById(button.dataset.copies)
    button.hidden = false
    button.addEventListener('click', async () => {
      const said = document.getElementById('copied')
      try {
        await navigator.clipboard.writeText(field.value)
        said.textContent = 'Copied.'
      } catch {
        field.focus()
        field.select()
        said.textContent = 'Press Ctrl+C (on a Mac: Command+C).'
      }
    })
  }

  // The preview follows what is typed, once the hand rests; where nothing is stored yet it begins with the empty form.
  for (const button of document.querySelectorAll('[data-previews]')) {
    let waiting
    button.form.addEventListener('input', () => {
      clearTimeout(waiting)
      waiting = setTimeout(() => button.form.requestSubmit(button), 700)
    })
    button.form.addEventListener('submit', ({submitter}) => {
      clearTimeout(waiting)
      if (submitter === button) anew()
    })
    if (!document.querySelector('iframe[name=preview][src]')) button.form.requestSubmit(button)
  }

  // Each preview gets a frame of its own, shown once it is there: nothing flickers, and the way back leads to the
  // page before this one, not through every word that was typed.
  function anew() {
    document.querySelector('.coming')?.remove()
    const old = document.querySelector('.preview-beside iframe'), next = old.cloneNode()
    old.removeAttribute('name')
    old.contentWindow.name = ''
    next.removeAttribute('src')
    next.name = 'preview'
    next.className = 'coming'
    old.after(next)
    next.addEventListener('load', () => {
      if (next.contentWindow.location.href === 'about:blank') return
      old.remove()
      next.className = ''
    })
  }

  // The snippet holds what the widget needs at all widths shown, unless a height was chosen.
  const frames = [...document.querySelectorAll('[data-measures]')], measured = new Map()
  addEventListener('message', ({origin, source, data}) => {
    const frame = [...document.querySelectorAll('[data-follows]')].find(one => one.contentWindow === source)
    if (!frame || origin !== location.origin) return
    // A frame is as tall as what it shows, or as `data-follows` says at most.
    if (data?.type === 'preview:tall') frame.height = Math.min(data.value, frame.dataset.follows || 4000)
    if (data?.type !== 'preview:measured') return
    measured.set(frame, data.value)
    const snippet = document.getElementById('snippet'), field = document.getElementById('height')
    const most = Math.max(...measured.values())
    if (!snippet || field.value || measured.size < frames.length || most < 40) return
    snippet.value = snippet.value.replaceAll(`height="${snippet.dataset.held}"`, `height="${most}"`)
      .replaceAll(`min-height:${snippet.dataset.held}px`, `min-height:${most}px`)
    field.placeholder = `${most}, measured`
  })

  // What goes on by itself is asked again and again; once it has ended the page is loaded anew.
  const look = async live => {
    try {
      const answer = await fetch(live.dataset.live), now = answer.ok && await answer.json()
      if (answer.status === 404 || (now && !now.underway)) return location.reload()
      for (const part of now ? live.querySelectorAll('[data-now]') : []) {
        if (part.localName === 'progress') part.value = now.percent
        else part.textContent = now[part.dataset.now]
      }
    } catch { /* away for a moment: the next look may find it */ }
    setTimeout(look, 1000, live)
  }
  for (const live of document.querySelectorAll('[data-live]')) setTimeout(look, 1000, live)

  // After an error the eye starts where the list of faults is.
  document.getElementById('faults')?.focus()
})()
