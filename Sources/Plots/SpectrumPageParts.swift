/// What every page of a spectrum holds.
extension SpectrumPage {
  static let style = """
    :root{color-scheme:light dark;--ink:#1b1f24;--faint:#5b646f;--line:#0a63c9;--mark:#b3261e;--cursor:#7a4d00;--back:#fff}
    @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--faint:#a4adb8;--line:#6cb0ff;--mark:#ff8a80;--cursor:#ffcc66;--back:#15181c}}
    body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--back);margin:1.2rem auto;max-width:1200px;padding:0 1rem}
    h1{font-size:1.2rem;overflow-wrap:anywhere}dl{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:.4rem 0}
    dt{color:var(--faint);font-size:.8rem}dd{margin:0}canvas{width:100%;height:60vh;min-height:320px;display:block;touch-action:pan-y;cursor:crosshair}
    button{min-height:2rem;min-width:2rem}#bar{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;margin:.6rem 0}#readout{font-variant-numeric:tabular-nums}
    table{border-collapse:collapse;margin-top:.8rem}td,th{padding:.15rem .9rem .15rem 0;text-align:right}td:first-child,th:first-child{text-align:left}
    th{color:var(--faint);font-weight:normal}
    """

  static let controls = """
    <div id="bar"><label><input type="checkbox" id="log"> logarithmic</label>
    <button id="clear" type="button">no cursor</button><button id="all" type="button">whole axis</button>
    <button id="in" type="button" aria-label="zoom in">+</button><button id="out" type="button" aria-label="zoom out">&minus;</button>
    <span id="readout" aria-live="polite">point: reading; click: harmonic cursor; wheel or + &minus;: zoom</span></div>
    """

  /// Highest line of each column, so that none is lost; the cursor takes the highest line within six pixels of the click.
  /// Names stand in as many rows as they need not to cover each other.
  static let script = """
    'use strict';
    const d=JSON.parse(document.getElementById('data').textContent),a=d.amplitude,r=d.resolution,el=i=>document.getElementById(i);
    const c=el('plot'),g=c.getContext('2d'),M={l:72,r:16,t:34,b:34};
    let from=0,to=Math.max(1,a.length-1)*r,base=0,hover=null,W=0,H=0;
    const css=n=>getComputedStyle(document.documentElement).getPropertyValue(n).trim();
    const fmt=v=>v===0?'0':Math.abs(v)>=1e5||Math.abs(v)<1e-3?v.toExponential(3):String(Number(v.toPrecision(4)));
    const X=f=>M.l+(f-from)/(to-from)*(W-M.l-M.r),F=x=>from+(x-M.l)/(W-M.l-M.r)*(to-from);
    const seen=()=>[Math.max(0,Math.floor(from/r)),Math.min(a.length-1,Math.ceil(to/r))];
    function scale(){let[i,j]=seen(),top=0;for(;i<=j;i++)if(a[i]>top)top=a[i];return top||1;}
    function Y(v,top){const h=H-M.t-M.b,low=top*1e-5;
      const p=el('log').checked?Math.log10(Math.max(v,low)/low)/5:v/top;return H-M.b-Math.min(1,Math.max(0,p))*h;}
    function step(w,n){const s=w/n,p=Math.pow(10,Math.floor(Math.log10(s)));return[1,2,5,10].find(k=>k*p>=s)*p;}
    function peak(f,w){let[i,j]=[Math.max(1,Math.round((f-w)/r)),Math.min(a.length-1,Math.round((f+w)/r))],b=Math.min(i,a.length-1);
      for(;i<=j;i++)if(a[i]>a[b])b=i;return b;}
    const inside=f=>X(f)>=M.l-1&&X(f)<=W-M.r+1;
    function upright(f,colour,text,row){const x=X(f);g.strokeStyle=g.fillStyle=colour;g.setLineDash([3,3]);
      g.beginPath();g.moveTo(x,M.t);g.lineTo(x,H-M.b);g.stroke();g.setLineDash([]);if(row<0)return;
      const w=g.measureText(text).width/2;g.textAlign='center';g.fillText(text,Math.min(Math.max(x,w),W-w),12+13*row);}
    function rows(items){const ends=[];return items.map(i=>{const x=X(i[1]),w=g.measureText(i[0]).width/2+4;let k=ends.findIndex(e=>e<x-w);
      if(k<0)k=ends.length;ends[k]=x+w;return[i,k];});}
    function axes(top){g.fillStyle=css('--faint');g.strokeStyle=css('--faint');g.globalAlpha=1;g.textAlign='center';
      const s=step(to-from,Math.max(2,W/110));
      for(let f=Math.ceil(from/s)*s;f<=to+s*1e-6;f+=s){g.fillText(fmt(f),X(f),H-M.b+16);g.globalAlpha=.25;g.beginPath();g.moveTo(X(f),M.t);g.lineTo(X(f),H-M.b);g.stroke();g.globalAlpha=1;}
      g.fillText(d.axis,W-M.r-6,H-4);g.textAlign='right';
      const t=step(top,5),ticks=[];if(el('log').checked)for(let v=Math.pow(10,Math.floor(Math.log10(top)));v>=top*1e-5;v/=10)ticks.push(v);
      else for(let n=0;n*t<=top*(1+1e-9);n++)ticks.push(n*t);
      for(const v of ticks){const y=Y(v,top);g.fillText(fmt(v),M.l-6,y+4);g.globalAlpha=.25;g.beginPath();g.moveTo(M.l,y);g.lineTo(W-M.r,y);g.stroke();g.globalAlpha=1;}
      g.textAlign='left';g.fillText(d.unit,4,M.t-6);}
    function curve(top){g.strokeStyle=css('--line');g.beginPath();let[i,j]=seen(),x0=-1,m=0,started=false;
      const put=(x,v)=>{started?g.lineTo(x,Y(v,top)):g.moveTo(x,Y(v,top));started=true;};
      g.save();g.rect(M.l,0,W-M.l-M.r,H);g.clip();g.beginPath();
      if(j-i<2*W){for(;i<=j;i++)put(X(i*r),a[i]);}
      else for(;i<=j;i++){const x=Math.round(X(i*r));if(x!==x0){if(x0>=0)put(x0,m);x0=x;m=0;}if(a[i]>m)m=a[i];}
      if(x0>=0)put(x0,m);g.stroke();g.restore();}
    function draw(){const k=window.devicePixelRatio||1;W=c.clientWidth;H=c.clientHeight;c.width=W*k;c.height=H*k;g.setTransform(k,0,0,k,0,0);
      g.font='12px system-ui,sans-serif';const top=scale(),harmonics=[];
      if(base>0)for(let n=1;n<=20&&n*base<=to;n++)if(inside(n*base))harmonics.push([n===1?fmt(base):n+'x',n*base]);
      const named=rows(d.marks.filter(m=>inside(m[1])).sort((p,q)=>p[1]-q[1])),used=named.reduce((m,n)=>Math.max(m,n[1]+1),0);
      M.t=20+13*(used+(harmonics.length?1:0));axes(top);curve(top);
      for(const[m,row]of named)upright(m[1],css('--mark'),m[0],row);
      for(const[m,row]of rows(harmonics))upright(m[1],css('--cursor'),m[0],row?-1:used);
      if(hover!==null){g.fillStyle=css('--ink');g.beginPath();g.arc(X(hover*r),Y(a[hover],top),3.5,0,7);g.fill();}}
    function read(){const n=hover===null?null:hover;el('readout').textContent=n===null?'':fmt(n*r)+' '+d.axis+': '+fmt(a[n])+' '+d.unit+(base>0?' ('+fmt(n*r/base)+' x cursor)':'');}
    const at=e=>{const b=c.getBoundingClientRect();return e.clientX-b.left;},near=x=>peak(F(x),Math.max(r/2,6*(to-from)/Math.max(1,W-M.l-M.r)));
    function table(){const t=el('lines');t.replaceChildren();const rows=d.marks.map(m=>[m[0],m[1],a[Math.round(m[1]/r)]||0]);
      if(base>0)for(let n=1;n<=5&&n*base<=(a.length-1)*r;n++){const k=peak(n*base,r);rows.push([n+' x cursor',k*r,a[k]]);}
      if(rows.length)rows.unshift(null);for(const w of rows){const tr=t.insertRow();
        for(const s of w===null?['line',d.axis,d.unit]:[w[0],fmt(w[1]),fmt(w[2])]){const cell=document.createElement(w===null?'th':'td');cell.textContent=s;tr.append(cell);}}}
    c.addEventListener('pointermove',e=>{const x=at(e);hover=x<M.l||x>W-M.r?null:near(x);read();draw();});
    c.addEventListener('pointerleave',()=>{hover=null;draw();});
    c.addEventListener('click',e=>{base=near(at(e))*r;read();table();draw();});
    function zoom(f,z){const end=Math.max(1,a.length-1)*r;from=Math.max(0,f-(f-from)*z);to=Math.min(end,f+(to-f)*z);if(to-from<4*r)to=Math.min(end,from+4*r);draw();}
    const middle=()=>base>from&&base<to?base:(from+to)/2;
    c.addEventListener('wheel',e=>{e.preventDefault();zoom(F(at(e)),e.deltaY>0?1.25:.8);},{passive:false});
    el('in').addEventListener('click',()=>zoom(middle(),.5));el('out').addEventListener('click',()=>zoom(middle(),2));
    el('log').addEventListener('change',draw);el('clear').addEventListener('click',()=>{base=0;table();draw();});
    el('all').addEventListener('click',()=>{from=0;to=Math.max(1,a.length-1)*r;draw();});
    addEventListener('resize',draw);matchMedia('(prefers-color-scheme: dark)').addEventListener('change',draw);table();draw();
    """
}
