//! The timeline as one page: hovering follows causes, a slider goes through time.
//!
//! The page fetches nothing and holds the trace as a table, so that it can be read without the
//! drawing.

use std::fmt::Write as _;

use super::escape::xml;
use super::model::Timeline;
use super::style::{DARK, FONT, LIGHT, MONO, Theme, paint, shapes};
use super::svg::drawing;
use crate::describe::time;
use crate::trace::{Kind, Line, Trace};

/// Most lines in the table of a page.
const ROWS_MAX: usize = 5_000;

/// The page.
pub(super) fn html(trace: &Trace, theme: Theme) -> String {
    let timeline = Timeline::of(trace);
    let scheme = match theme {
        Theme::Auto => "light dark",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let dark = match theme {
        Theme::Auto => format!("@media (prefers-color-scheme:dark){{{}}}", paint(&DARK)),
        Theme::Light => String::new(),
        Theme::Dark => paint(&DARK),
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\
         <title>{}</title>\n<style>:root{{color-scheme:{scheme};--font:{FONT};--mono:{MONO}}}\n\
         {PAGE}\n{}{}{dark}</style></head><body>\n<main>\n",
        xml(&trace.head.title),
        shapes(),
        paint(&LIGHT),
    );
    let _ = writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" aria-label=\"Call timeline\">\n{}</div>",
        drawing(&timeline, "")
    );
    let last = timeline.columns.len().saturating_sub(1);
    let _ = writeln!(
        out,
        "<div class=\"bar\"><label for=\"until\">Time</label>\
         <input id=\"until\" type=\"range\" min=\"0\" max=\"{last}\" value=\"{last}\">\
         <output id=\"at\"></output></div>\n\
         <section id=\"why\" aria-live=\"polite\"><h2>Why</h2>\
         <p>Point at a mark, or reach it with the tab key, to see what led to it.</p><ol></ol>\
         </section>"
    );
    table(&mut out, trace);
    let moments: Vec<String> = timeline.columns.iter().map(|at| time(*at)).collect();
    let _ = writeln!(
        out,
        "</main>\n<script>\nconst moments={};\n{SCRIPT}\n</script>\n</body></html>",
        script_json(&moments)
    );
    out
}

/// A list of texts that no browser takes for the end of the script.
fn script_json(list: &[String]) -> String {
    serde_json::json!(list).to_string().replace('<', "\\u003c")
}

/// Who did it, and on which device.
fn on_device(line: &Line) -> String {
    match &line.device {
        Some(device) => format!("{device}: {}", line.actor),
        None => line.actor.clone(),
    }
}

/// Every line of the trace.
fn table(out: &mut String, trace: &Trace) {
    out.push_str(
        "<details><summary>The trace as a table</summary>\n<table><thead><tr><th>Line</th>\
         <th>Time</th><th>Who</th><th>To</th><th>What</th><th>Wanted by</th><th>Because of</th>\
         </tr></thead><tbody>\n",
    );
    for line in trace
        .lines
        .iter()
        .filter(|line| line.what != "publish")
        .take(ROWS_MAX)
    {
        let cause = line.cause.map_or(String::new(), |cause| cause.to_string());
        let kind = match line.kind {
            Kind::Event => "event",
            Kind::Effect => "effect",
        };
        let _ = writeln!(
            out,
            "<tr id=\"l{seq}\" class=\"{kind}\" data-cause=\"{cause}\"><td>{seq}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{cause}</td></tr>",
            time(line.at.at),
            xml(&on_device(line)),
            xml(&line.target),
            xml(&line.what),
            line.origin.name(),
            seq = line.seq,
        );
    }
    out.push_str("</tbody></table></details>\n");
}

/// The look of the page around the drawing.
const PAGE: &str = "body{margin:0;background:light-dark(#E9EDF0,#0C1013);\
color:light-dark(#11171B,#EDF1F4);font:450 15px/1.45 var(--font)}\
main{max-width:1500px;margin:0 auto;padding:24px}\
.scroll{overflow-x:auto;border-radius:18px}.scroll svg{display:block;margin:0 auto}\
.bar{display:flex;gap:14px;align-items:center;margin:16px 4px}.bar label{font-weight:600}\
.bar input{flex:1;accent-color:light-dark(#1758B4,#8DBBFF)}\
.bar output{font:450 13px var(--mono);min-width:6em}\
section,details{background:light-dark(#FFFFFF,#151A1E);\
border:1px solid light-dark(#D5DCE1,#2E373E);border-radius:18px;padding:16px 22px;margin:16px 0}\
h2{font-size:16px;margin:0 0 6px}p{margin:0;color:light-dark(#47525A,#B6C0C7)}\
ol{margin:0;padding-left:26px}li{font:450 13px/1.7 var(--mono)}\
summary{cursor:pointer;font-weight:600}table{border-collapse:collapse;width:100%;margin-top:12px}\
th,td{text-align:start;padding:5px 10px 5px 0;border-bottom:1px solid light-dark(#D5DCE1,#2E373E);\
font-size:13px}th{color:light-dark(#47525A,#B6C0C7)}td{font-family:var(--mono)}\
tr.on td{background:light-dark(#E6EFFB,#15243A)}\
g.a{cursor:default;outline:none}g.a.on .arr,g.a.on .ev{stroke:light-dark(#1758B4,#8DBBFF)}\
g.a.on .tip,g.a.on .evf{fill:light-dark(#1758B4,#8DBBFF);stroke:light-dark(#1758B4,#8DBBFF)}\
g.a:focus-visible circle,g.a:focus-visible path{stroke:light-dark(#1758B4,#8DBBFF)}\
.later{opacity:.16}";

/// Follows causes and time. Texts go into the page as text only (Y3).
const SCRIPT: &str = "const marks=[...document.querySelectorAll('g.a')];
const list=document.querySelector('#why ol'),hint=document.querySelector('#why p');
function show(seq){
  document.querySelectorAll('.on').forEach(e=>e.classList.remove('on'));
  list.replaceChildren();hint.hidden=!!seq;
  const chain=[];
  for(let at=seq,n=0;at&&n<200;n++){
    const row=document.getElementById('l'+at);if(!row)break;
    chain.unshift(row);at=row.dataset.cause;
  }
  for(const row of chain){
    row.classList.add('on');
    const c=[...row.cells].map(cell=>cell.textContent),item=document.createElement('li');
    item.textContent=c[1]+'  '+c[2]+' \\u2192 '+c[3]+'  '+c[4];list.append(item);
    marks.filter(m=>m.dataset.seq===c[0]).forEach(m=>m.classList.add('on'));
  }
}
for(const mark of marks){
  mark.setAttribute('tabindex','0');
  for(const type of ['pointerenter','focus','click'])
    mark.addEventListener(type,()=>show(mark.dataset.seq));
}
const until=document.getElementById('until'),at=document.getElementById('at');
function move(){
  const now=+until.value;at.textContent=moments[now]||'';
  marks.forEach(m=>m.classList.toggle('later',+m.dataset.column>now));
  document.querySelectorAll('g.bar').forEach(b=>b.classList.toggle('later',+b.dataset.from>now));
  for(const text of document.querySelectorAll('[data-label]'))
    text.classList.toggle('later',+text.dataset.label>now);
}
until.addEventListener('input',move);move();";
