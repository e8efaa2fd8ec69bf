/** Asks for the order's state until it changes, then shows the new page. The page works without it, by its own link. */
export const waitScript = `
const status = document.getElementById('status');
const ask = async () => {
  try {
    const reply = await fetch(status.dataset.url, { headers: { accept: 'application/json' } });
    if (reply.ok && (await reply.json()).state !== status.dataset.state) location.reload();
  } catch {}
};
setInterval(ask, 1500);
`;
