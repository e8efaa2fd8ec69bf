/** The sheet of all sample services. System fonts, both colour schemes, a contrast of at least 4.5 : 1, visible focus. */
export const style = `
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fbfaf7; --card: #ffffff; --line: #d9d5cb; --accent: #0b6b53; --on-accent: #ffffff; --soft: #5a6170; --warn: #9a3412; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebe6; --paper: #14181d; --card: #1d232b; --line: #38414d; --accent: #5fd0ad; --on-accent: #06251c; --soft: #a9b1bd; --warn: #fdba74; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.6 system-ui, "Hiragino Sans", "Noto Sans JP", "Yu Gothic UI", sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: center; padding: 1rem clamp(1rem, 4vw, 3rem); border-bottom: 1px solid var(--line); background: var(--card); }
.brand { font-size: 1.3rem; font-weight: 700; text-decoration: none; letter-spacing: .02em; }
nav { display: flex; gap: 1.2rem; }
[aria-current] { text-decoration-thickness: 3px; text-underline-offset: .3em; }
.who { margin-left: auto; display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; }
.who form { display: flex; gap: .6rem; align-items: center; }
.languages { display: flex; gap: .6rem; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 3rem; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: .5rem 0 1rem; }
footer { border-top: 1px solid var(--line); padding: 1rem clamp(1rem, 4vw, 3rem); color: var(--soft); }
.goods { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: 1rem; padding: 0; list-style: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1rem; display: flex; flex-direction: column; gap: .5rem; }
.card h2 { font-size: 1.1rem; margin: 0; }
.card p { margin: 0; color: var(--soft); flex: 1; }
.sign { font-size: 2.6rem; line-height: 1.1; }
.price { font-weight: 700; font-variant-numeric: tabular-nums; }
button, .button { font: inherit; font-weight: 600; padding: .5rem 1.1rem; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on-accent); cursor: pointer; text-decoration: none; display: inline-block; }
button.quiet { background: none; color: var(--accent); border: 1px solid var(--line); padding: .25rem .8rem; }
input { font: inherit; padding: .5rem .7rem; border: 1px solid var(--soft); border-radius: .5rem; background: var(--card); color: inherit; max-width: 100%; }
.field { display: grid; gap: .25rem; margin: 0 0 1rem; max-width: 32rem; }
.hint, small { color: var(--soft); }
.points { background: var(--card); border-left: .4rem solid var(--accent); padding: .7rem 1rem; border-radius: .3rem; margin: 1rem 0; }
.error { border-left: .4rem solid var(--warn); background: var(--card); padding: .7rem 1rem; border-radius: .3rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; padding: .5rem .8rem; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.total > * { font-weight: 700; border-top: 2px solid var(--ink); }
code, pre { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; }
.row { display: flex; flex-wrap: wrap; gap: .8rem; align-items: end; }
`;
