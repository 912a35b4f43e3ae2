// For /embed/<slug> in an iframe: tells the page around it how tall the widget is, in our own words and, where
// the address asks for it (#?secret=...), in those of WordPress. Nothing of the visitor is told, so any page may listen.
(() => {
  const secret = new URLSearchParams(location.hash.slice(2)).get('secret');
  const tell = () => {
    const value = Math.ceil(document.body.getBoundingClientRect().bottom);
    parent.postMessage({type: 'support-now:height', value}, '*');
    if (secret) parent.postMessage({secret, message: 'height', value}, '*');
  };
  // In WordPress's sandbox no link opens a window: the page around is asked to go there itself. It does so only for
  // addresses of ours, and only when the frame has the focus.
  addEventListener('click', event => {
    const link = event.composedPath().find(node => node.href);
    if (!secret || link?.host != location.host) return;
    event.preventDefault();
    parent.postMessage({secret, message: 'link', value: link.href}, '*');
  });
  // A script of ours that comes late to the page around asks.
  addEventListener('message', event => event.data == 'support-now:height' && tell());
  if (parent != window) new ResizeObserver(tell).observe(document.body);
})();
