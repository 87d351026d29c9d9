/**
 * The page's style sheet. Colours of roles and verdicts are Okabe and Ito's (2008), which people with any common colour
 * blindness can tell apart; words and signs repeat the information.
 */
export const STYLE = `
:root{color-scheme:light dark;--paper:#f7f7f5;--card:#fff;--ink:#1c2127;--muted:#5a6470;--line:#dcdfe3;--grid:#e7e9ec;
--accent:#0065a8;--better:#0065a8;--worse:#b04a00;--warn:#fff4dc;--warn-line:#e0a100;
--train:#7fbfe8;--validation:#f0b03c;--calibration:#d69abd;--test:#25a57c;--embargoed:#a9b0b8;--on-role:#12171c}
@media screen and (prefers-color-scheme:dark){:root{--paper:#121518;--card:#1a1e23;--ink:#e6e9ec;--muted:#9da7b2;
--line:#30363d;--grid:#2a3037;--accent:#62b5ee;--better:#62b5ee;--worse:#f0914a;--warn:#2b2410;--warn-line:#b98a1a;
--train:#3f8fc4;--validation:#d39a2c;--calibration:#b97ba0;--test:#1f9670;--embargoed:#8a939d;--on-role:#0b0e11}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:32px 24px 64px}
h1,h2,h3,h4{line-height:1.25;margin:0;text-wrap:balance}
h1{font-size:30px;letter-spacing:-.015em}
h2{font-size:23px;margin:56px 0 4px;padding-top:20px;border-top:2px solid var(--ink);letter-spacing:-.01em}
h3{font-size:17px;margin:36px 0 8px}
h4{font-size:15px}
p{margin:0 0 10px}
small{font-size:12px;color:var(--muted);font-weight:400}
code{font:12px/1.4 ui-monospace,"SF Mono",Menlo,"Liberation Mono",monospace;color:var(--muted)}
a{color:var(--accent)}
.eyebrow{margin:0 0 6px;font-size:13px;font-weight:600;color:var(--accent)}
.lead{font-size:17px;color:var(--muted);max-width:72ch;margin-top:8px}
.note{color:var(--muted);font-size:13px;max-width:88ch}
.warning{background:var(--warn);border-left:3px solid var(--warn-line);padding:8px 12px;margin:12px 0 0;border-radius:2px}
.facts{display:flex;flex-wrap:wrap;gap:6px 28px;margin:16px 0 0}
.facts dt,.card dt{font-size:12px;color:var(--muted)}
.facts dd,.card dd{margin:0}
nav{display:flex;flex-wrap:wrap;gap:8px 20px;margin-top:20px}
.cards,.charts{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(300px,1fr))}
.card,.chart,figure.full{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:16px}
.card h4{margin-bottom:2px}
.card .when,.card .rows{color:var(--muted);font-size:13px;margin:0 0 12px}
.card .rows{margin:12px 0 0}
.card dl{display:flex;flex-wrap:wrap;gap:6px 24px;margin:10px 0 0}
.verdict{font-weight:600;margin:0 0 6px}
.better{color:var(--better)}.worse{color:var(--worse)}.unclear,.absent{color:var(--muted)}
.big{margin:0;line-height:1.2}
.big span{display:block;font-size:12px;color:var(--muted)}
.big b{font-size:32px;font-weight:600;letter-spacing:-.02em}
figure{margin:0}
figcaption{font-weight:600;font-size:14px;margin-bottom:8px}
figure .note{margin:4px 0 0}
svg{display:block;width:100%;height:auto;overflow:visible}
.chart svg{max-width:380px;margin:0 auto}
.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-weight:400;font-size:13px;margin-top:4px}
.swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}
details{margin:12px 0}
summary{cursor:pointer;padding:4px 0}
summary h4{display:inline}
summary small{margin-left:8px}
.values{margin:8px 0 0;font-size:13px}
.values>summary{color:var(--accent)}
.scroll{overflow-x:auto;margin:8px 0 16px;border:1px solid var(--line);border-radius:6px;background:var(--card)}
.chart .scroll{max-height:340px;overflow-y:auto}
.chart th,.chart td{padding:4px 8px;font-size:12.5px}
.chart thead th{white-space:normal}
.chart tbody th{white-space:nowrap}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:13.5px}
caption{text-align:left;padding:10px 12px 2px;color:var(--muted);font-size:13px}
th,td{padding:7px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--muted);font-weight:500;font-size:12.5px;vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:500;background:var(--card);position:sticky;left:0}
th code{display:block}
tbody th.group{position:static;max-width:none;padding-top:14px;font-weight:600}
th.group code,th.group small{display:inline;margin-left:8px}
.num{text-align:right;white-space:nowrap}
td b{font-weight:600}
td small{display:block}
.why{white-space:normal;max-width:18ch;margin-left:auto}
.bar{position:relative;display:inline-block;height:9px;width:72px;margin-right:10px}
.bar::before{content:"";position:absolute;left:0;right:0;top:4px;height:1px;background:var(--line)}
.bar i{position:absolute;top:2px;height:5px;border-radius:3px;background:var(--accent);opacity:.35}
.bar s{position:absolute;top:0;height:9px;width:1px;background:var(--muted)}
.bar u{position:absolute;top:1px;height:7px;width:7px;margin-left:-3.5px;border-radius:50%;background:var(--accent)}
.findings{margin:0 0 12px;padding-left:20px}
.names{columns:240px auto;margin:6px 0;padding-left:20px}
.terms{display:grid;gap:8px 24px;grid-template-columns:minmax(110px,max-content) 1fr;margin:12px 0 0}
.terms div{display:contents}
.terms dt{color:var(--muted)}
.terms dd{margin:0;max-width:80ch;overflow-wrap:anywhere}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:700px){main{padding:20px 16px 48px}h1{font-size:24px}h2{font-size:20px;margin-top:40px}.lead{font-size:15px}
.wide{display:none}.narrow{display:block}.card,.chart,figure.full{padding:12px}.terms{grid-template-columns:1fr;gap:2px}
.terms dd{margin-bottom:10px}tbody th{max-width:150px}th,td{padding:6px 9px}}
@page{size:landscape;margin:10mm}
@media print{:root{--paper:#fff}body{font-size:11px}main{max-width:none;padding:0}.card,.chart,figure.full,tr{break-inside:avoid}
h2,h3,h4{break-after:avoid}.scroll,.chart .scroll{overflow:visible;max-height:none}table{font-size:10px}small{font-size:9px}
.cards,.charts{grid-template-columns:repeat(3,minmax(0,1fr));gap:10px}.big b{font-size:22px}th,td{padding:2px 5px}.bar{width:40px;margin-right:5px}
.num{white-space:normal}.narrow{display:none}.wide{display:block}code,td code,th code,thead th,caption,.note,figcaption,.legend,.values,.terms,.facts dd{font-size:10px}code{white-space:normal;overflow-wrap:anywhere}
.chart:has(.values[open]){break-inside:auto}.chart .values th,.chart .values td{padding:1px;white-space:normal}.chart table,.chart thead th,.chart caption,.chart small,.chart table code{font-size:8px}.chart .scroll{margin-left:-8px;margin-right:-8px}}
`
