"""A report's page taken apart, what must not be in it, and a class in which every text is hostile."""

import re
from html.parser import HTMLParser

from autograder.class_data import Answer, ClassData, Lesson, Person, Submission

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "</style></svg></title><svg onload=alert(1)>",
    "javascript:alert(1)//https://evil.example/x.js",
    "\u202egnitar\u2066\x1b[31mred\x00\x07\x85\ud800\ufeff\r\nnext",
    "{{ 7 * 7 }}{% raw %}`<b>`",
    "&lt;&#60;script&#62;",
]


class Page(HTMLParser):
    """A page's elements, and the texts of its tables and lists."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.rows, self.items, self.open = [], [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "li":
            self.items.append("")
        if tag not in ("meta", "rect", "path"):
            self.open.append(tag)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            assert tag in ("rect", "path"), (tag, self.open)

    def handle_data(self, data):
        self.texts.append(data)
        if self.rows and self.rows[-1] and "table" in self.open:
            self.rows[-1][-1] += data
        elif self.items and "li" in self.open:
            self.items[-1] += data


def hostile_class():
    people, submissions, handed_in = {}, {}, set()
    titles = {f"0{n}_{text}": text for n, text in enumerate(HOSTILE)}
    for n, text in enumerate(HOSTILE * 5):
        people[f"{text}{n}"] = Person(f"{text}{n}", text)
        for lesson in titles:
            handed_in.add((f"{text}{n}", lesson))
            answers = {key: Answer(float(n % 3), 2, bool(n % 4)) for key in HOSTILE}
            texts = (text, f"{text} is a test and was edited", f"{text}: it ended Python, or took too much memory")
            submissions[f"{text}{n}", lesson] = Submission(
                float(n % 7), True, n % 5 == 0, n % 6 == 0, answers, True, n % 9 == 0, n % 8 == 0,
                texts, texts, {text: (text, f"{text}-2")},
            )  # fmt: skip
    lessons = {name: Lesson(name, title, 10, {key: (key, key) for key in HOSTILE}) for name, title in titles.items()}
    return ClassData(people, lessons, frozenset(handed_in), submissions)


def check_harmless(html):
    """No element or attribute that could run, load or send anything."""
    page = Page(html)
    known = {
        *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "nav", "h1", "h2"),
        *("h3", "p", "ul", "ol", "li", "div", "span", "strong", "small", "code", "bdi", "a", "details", "summary", "q"),
        *("table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "rect", "path", "text"),
    }
    assert {tag for tag, _ in page.elements} <= known
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")]
        if "href" in attributes:
            assert re.match(r"#[\w-]+$|\.\./|[\w.%-]+/", attributes["href"]), attributes
    assert "url(" not in html and "@import" not in html
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]", html)
    return page
