/* What a little script adds to the console. Every page works without it. */
(() => {
  'use strict'

  // A link to hand over is chosen whole with one press.
  for (const field of document.querySelectorAll('input.copied')) {
    field.addEventListener('focus', () => field.select())
  }

  // After an error the eye starts where the list of faults is.
  document.getElementById('faults')?.focus()
})()
