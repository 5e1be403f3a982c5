extension ReportPage {
  static let style = """
    :root{color-scheme:light dark;--ink:#1b1f24;--faint:#626b76;--rule:#d9dde2;--line:#0a63c9;--second:#b06000;--bad:#b3261e;--good:#1b6e35;--band:#f4c7c3;--label:#f7dda0;--back:#fff}
    @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--faint:#98a1ac;--rule:#333a42;--line:#6cb0ff;--second:#ffb74d;--bad:#ff8a80;--good:#7fd39b;--band:#6b2b27;--label:#5c4a17;--back:#15181c}}
    body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);margin:1.5rem auto;max-width:1100px;padding:0 1rem}
    h1{font-size:1.35rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:2rem 0 .4rem;padding-top:.6rem;border-top:1px solid var(--rule)}
    h1,h2,td,dd{overflow-wrap:anywhere}p{max-width:75ch}a{color:var(--line)}nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.6rem 0}
    dl{display:flex;flex-wrap:wrap;gap:.5rem 1.6rem;margin:.6rem 0}dt{color:var(--faint);font-size:.8rem}dd{margin:0;font-variant-numeric:tabular-nums}
    .wide{overflow-x:auto;margin:.8rem 0}table{border-collapse:collapse;font-size:.9rem;width:max-content}td{max-width:26rem}td,th{padding:.18rem .9rem .18rem 0;text-align:left;vertical-align:top}
    th{color:var(--faint);font-weight:normal;border-bottom:1px solid var(--rule)}td.n{text-align:right;font-variant-numeric:tabular-nums}
    .good{color:var(--good)}.bad{color:var(--bad);font-weight:600}.faint{color:var(--faint)}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:1rem;margin:.8rem 0}figure{margin:0}.long{margin:.9rem 0}.long div{overflow-x:auto}.long svg{min-width:560px}
    figcaption{font-size:.85rem;color:var(--faint);overflow-wrap:anywhere}svg{width:100%;height:auto;display:block}
    svg text{fill:var(--faint);font:11px system-ui,sans-serif}.axis{stroke:var(--faint);fill:none}.grid{stroke:var(--rule);fill:none}
    .curve{stroke:var(--line);fill:none;stroke-width:1.8;stroke-linejoin:round}.chance{stroke:var(--faint);stroke-dasharray:4 4;fill:none}
    .dot{fill:var(--line)}.band{fill:var(--band)}.label{fill:var(--label)}.trace{stroke:var(--line);fill:none;stroke-width:1.1}
    @media print{section{break-inside:avoid-page}}
    """
}
